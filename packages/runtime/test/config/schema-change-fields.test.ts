import { describe, expect, it } from 'vitest';
import { loadYaml, problemsOf } from './load-yaml.ts';

const DATASET = 'version: v1\ndatasets:\n  - from: memory\n    name: t\n';

describe('fields of changed columns', () => {
  it('are read', async () => {
    const { datasets } = await loadYaml({
      text: `${DATASET}    on_schema_change: sync_all_columns\n    acceleration: { mode: file_create }`,
    });
    expect(datasets[0]).toMatchObject({ onSchemaChange: 'sync_all_columns', acceleration: { mode: 'file_create' } });
  });

  it.each<[string, string, readonly string[]]>([
    [
      'a rule without a copy',
      `${DATASET}    on_schema_change: fail`,
      [
        'invalid_config 5:5 dataset t: `on_schema_change` has no meaning without `acceleration` | Remove it: the dataset is read from its source at every query',
      ],
    ],
    [
      'a rule beside a mode that is one',
      `${DATASET}    on_schema_change: block\n    acceleration: { mode: file_update }`,
      [
        'invalid_config 5:5 dataset t: `on_schema_change` stands beside `acceleration.mode` file_update, which says what becomes of changed columns | Remove it, or set the mode to file',
      ],
    ],
    [
      'a rule that is none',
      `${DATASET}    on_schema_change: append\n    acceleration: {}`,
      [
        'invalid_config 5:5 dataset t: `on_schema_change` must be one of block, fail, append_new_columns, sync_all_columns, drop_and_recreate',
      ],
    ],
  ])('%s is refused', async (_, text, problems) => {
    expect(await problemsOf(loadYaml({ text }))).toEqual(problems);
  });
});
