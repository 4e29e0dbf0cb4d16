import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/index.ts';
import { failureOf, loadYaml, problemsOf } from './load-yaml.ts';

describe('the problems of a configuration', () => {
  it('lists all problems in the order of the file, each with its place', async () => {
    const text = `version: v1
datasets:
  - from: memory
    name: t
    colums: []
    acceleration: { mode: disk, refresh_check_interval: soon }
    params: { pass: "\${env:NOPE}" }
  - from: nothing here
    name: select
views:
  - name: T
    sql: SELECT 1
secrets: []
`;
    const failure = await failureOf(loadYaml({ text }));
    expect(failure.code).toBe('invalid_config');
    const lines = failure.message.split('\n');
    expect(lines[0]).toMatch(/^configuration: 8 problems:$/);
    expect(lines.slice(1).map((line) => /millrace\.yaml:(\d+:\d+): (.*?): /.exec(line)?.slice(1).join(' '))).toEqual([
      '5:5 dataset t',
      '6:21 dataset t',
      '6:33 dataset t',
      '7:15 dataset t',
      '8:5 dataset select',
      '9:5 dataset select',
      '11:5 view T',
      '13:1 configuration',
    ]);
  });

  it('gives several problems of one code that code', async () => {
    expect((await failureOf(loadYaml({ text: 'version: v1\na: 1\nb: 2' }))).code).toBe('unknown_field');
  });

  it('says nothing twice for a single problem', async () => {
    const failure = await failureOf(loadYaml({ text: 'version: v1\ndataset: []' }));
    expect(failure.code).toBe('unknown_field');
    expect(failure.message).toMatch(
      /millrace\.yaml:2:1: configuration: there is no field `dataset`\. Did you mean `datasets`\?$/,
    );
    expect(failure.location).toMatchObject({ line: 2, column: 1 });
  });

  it.each<[string, object, string]>([
    [
      'an unknown field',
      { datasetz: [] },
      'unknown_field configuration: there is no field `datasetz` | Did you mean `datasets`?',
    ],
    [
      'null',
      { datasets: [{ from: 'memory', name: 't', description: null }] },
      'invalid_config dataset t: `description` must be text and is empty',
    ],
    [
      'a function',
      { datasets: [{ from: 'memory', name: () => 't' }] },
      'invalid_config configuration: `datasets[0].name` is a function | Use strings, numbers, booleans, lists and plain objects',
    ],
    [
      'a Date',
      { datasets: [{ from: 'memory', name: 't', params: { at: new Date(0) } }] },
      'invalid_config configuration: `datasets[0].params.at` is an instance of a class | Use strings, numbers, booleans, lists and plain objects',
    ],
    [
      'a Map',
      { datasets: new Map() },
      'invalid_config configuration: `datasets` is an instance of a class | Use strings, numbers, booleans, lists and plain objects',
    ],
    [
      'a key __proto__',
      JSON.parse('{"__proto__": 1}'),
      'unknown_field configuration: there is no field `__proto__` | The fields here are version, kind, name, runtime, datasets, catalogs, views',
    ],
    [
      'a later field',
      { snapshots: {} },
      'not_yet_supported configuration: `snapshots` is not supported yet | Remove it for now',
    ],
  ])('an object with %s', async (_, config, problem) => {
    expect(await problemsOf(loadConfig({ config }))).toEqual([problem]);
  });

  it('refuses an object that contains itself', async () => {
    const config: { datasets: unknown[] } = { datasets: [] };
    config.datasets.push(config);
    expect((await failureOf(loadConfig({ config: config as object }))).message).toMatch(/contains itself/);
  });
});
