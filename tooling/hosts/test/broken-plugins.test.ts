import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BROKEN_DEPENDENCIES, BROKEN_PLUGINS } from '../src/broken-plugins.ts';
import { type Host, INSTALL_TIMEOUT_MS, installHost } from '../src/host.ts';
import { openPackageSource, type PackageSource } from '../src/open-package-source.ts';
import { npm } from '../src/package-manager.ts';
import { findUpstreamRegistry } from '../src/upstream-registry.ts';

const upstream = await findUpstreamRegistry();
const reason = upstream.kind === 'unreachable' ? ` (skipped: ${upstream.reason})` : '';

const TEA = 'name,grams\nSencha,100\nGyokuro,50\n';

function config(...froms: readonly string[]): string {
  const datasets = froms.map((from, index) => `  - from: ${from}\n    name: dataset_${index}\n`);
  return `version: v1\ndatasets:\n${datasets.join('')}`;
}

describe.skipIf(upstream.kind === 'unreachable')(
  `a host with plugins that are broken${reason}`,
  { timeout: 600_000 },
  () => {
    let source: PackageSource;
    let host: Host;
    beforeAll(async () => {
      source = await openPackageSource({ upstream, packages: BROKEN_PLUGINS });
      host = await installHost({
        manager: npm,
        env: source.env,
        dependencies: {
          millrace: 'latest',
          '@millrace/connector-file': 'latest',
          'millrace-connector-countries': 'latest',
          ...BROKEN_DEPENDENCIES,
        },
        files: {
          'tea.csv': TEA,
          'millrace.yaml': config('file:tea.csv', 'countries:all'),
          'throws.yaml': config('file:tea.csv', 'throws:x'),
          'future.yaml': config('file:tea.csv', 'future:x'),
          'twin.yaml': config('file:tea.csv', 'twin:x'),
          'misspelt.yaml': config('fiel:tea.csv'),
          'parameter.yaml': `${config('countries:all')}    params:\n      countries_continnt: Asia\n`,
        },
      });
    }, INSTALL_TIMEOUT_MS);
    afterAll(async () => {
      host?.folder.close();
      await source?.close();
    });

    test('each broken one is listed with its code, and none has run', async () => {
      const { stdout, stderr } = await host.millrace('plugins');
      const shown = stdout + stderr;
      for (const text of ['api_incompatible', 'duplicate_id', 'entry_missing']) expect(shown).toContain(text);
      for (const name of Object.keys(BROKEN_DEPENDENCIES)) expect(shown).toContain(name);
      for (const name of ['@millrace/connector-file', 'millrace-connector-countries']) expect(shown).toContain(name);
      expect(shown).not.toContain('no licence was found');
    });

    test('the others work', async () => {
      const statement = 'select sum(grams) as grams, (select count(*) from dataset_1) as countries from dataset_0';
      const { exitCode, stdout } = await host.millrace('sql', statement, '--format', 'json');
      expect([exitCode, JSON.parse(stdout)]).toEqual([0, [{ grams: '150', countries: '5' }]]);
    });

    test.each([
      ['throws', ['plugin_failed', 'load_failed', 'millrace-connector-throws', 'no licence was found']],
      ['future', ['api_incompatible', 'millrace-connector-future']],
      ['twin', ['duplicate_id', 'millrace-connector-twin-one', 'millrace-connector-twin-two']],
      ['misspelt', ['unknown_connector', 'fiel', 'file', 'countries']],
      ['parameter', ['unknown_parameter', 'parameter.yaml:6', 'countries_continnt', 'countries_continent']],
    ])('a dataset of %s.yaml is refused, with the reason', async (name, texts) => {
      const { exitCode, stdout, stderr } = await host.millrace('sql', 'select 1', '--config', `${name}.yaml`);
      expect([exitCode, stdout]).toEqual([1, '']);
      for (const text of texts) expect(stderr).toContain(text);
    });
  },
);
