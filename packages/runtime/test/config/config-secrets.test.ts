// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references to secrets look like this.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/index.ts';
import { failureOf, loadYaml } from './load-yaml.ts';

const DATASET = 'version: v1\ndatasets:\n  - from: memory\n    name: t\n';

describe('secrets', () => {
  const CANARY = 'canary-7f3a/"quoted"';
  const text = `${DATASET}    params: { pg_pass: "\${env:PW}", url: "https://u:\${ secrets:pw }@h", raw: "$\${x}" }`;

  it('come from the environment, .env.local and .env, in this order', async () => {
    const single = `${DATASET}    params: { a: "\${env:A}", b: "\${env:B}", c: "\${env:C}" }`;
    const files = { '.env': 'A=env\nB=env\nC=env', '.env.local': 'A=local\nB=local' };
    const { datasets } = await loadYaml({ text: single, files, environment: { A: 'process' } });
    expect([...(datasets[0]?.params.values() ?? [])].map((given) => given.text)).toEqual(['process', 'local', 'env']);
  });

  it('are flagged and known to the redactor', async () => {
    const { datasets, redactor } = await loadYaml({ text, environment: { PW: CANARY } });
    const params = datasets[0]?.params;
    expect(params?.get('pg_pass')).toMatchObject({ text: CANARY, containsSecret: true });
    expect(params?.get('url')).toMatchObject({ text: `https://u:${CANARY}@h`, containsSecret: true });
    expect(params?.get('raw')).toEqual({ text: '${x}', location: expect.anything() });
    expect(redactor.redact(`failed for ${CANARY} at ${JSON.stringify(CANARY)}`)).toBe('failed for *** at "***"');
  });

  it('do not show when the configuration is printed', async () => {
    const config = await loadYaml({ text, environment: { PW: CANARY } });
    const params = Object.fromEntries(config.datasets[0]?.params ?? []);
    const printed = [
      inspect(config, { depth: 20, showHidden: true }),
      JSON.stringify(config),
      JSON.stringify(params),
    ].join();
    expect(printed).not.toContain('canary-7f3a');
    expect(printed).toContain('***');
  });

  it('do not show in an error, whatever else is wrong', async () => {
    const wrong = `${text}\n    acceleration: { mode: "${'canary-7f3a'}", params: { p: "\${env:NOPE}\${env:PW}" } }\n    colour: 1`;
    const failure = await failureOf(loadYaml({ text: wrong, environment: { PW: CANARY } }));
    expect(inspect(failure, { depth: 20, showHidden: true })).not.toContain('canary-7f3a');
  });

  it('do not show in a syntax error', async () => {
    for (const value of [
      '@canary-7f3a',
      '"\\canary-7f3a"',
      '*canary-7f3a',
      '!canary-7f3a x',
      'a: canary-7f3a',
      '"canary-7f3a',
    ]) {
      const failure = await failureOf(loadYaml({ text: `${DATASET}    params:\n      p: ${value}` }));
      expect(inspect(failure, { depth: 20, showHidden: true })).not.toContain('canary-7f3a');
    }
  });

  it('warn of an .env that cannot be read', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'millrace-config-'));
    try {
      await mkdir(join(folder, '.env'));
      const { warnings } = await loadConfig({ config: {}, baseDirectory: folder });
      expect(warnings).toEqual([{ message: '.env cannot be read and is left out' }]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
