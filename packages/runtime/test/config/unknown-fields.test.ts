import { expect, it } from 'vitest';
import { loadYaml, problemsOf } from './load-yaml.ts';

const DATASET = 'version: v1\ndatasets:\n  - from: memory\n    name: t\n';
const COLUMNS = 'name, runtime, datasets, catalogs';

it.each<[string, string, readonly string[]]>([
  [
    'a misspelled top-level field',
    'version: v1\ndataset: []',
    ['unknown_field 2:1 configuration: there is no field `dataset` | Did you mean `datasets`?'],
  ],
  [
    'a top-level field from nowhere',
    'version: v1\nzzzzzzzz: 1',
    [
      `unknown_field 2:1 configuration: there is no field \`zzzzzzzz\` | The fields here are version, kind, ${COLUMNS}, views`,
    ],
  ],
  [
    'a misspelled dataset field',
    `${DATASET}    acelleration: {}`,
    ['unknown_field 5:5 dataset t: there is no field `acelleration` | Did you mean `acceleration`?'],
  ],
  [
    'a misspelled acceleration field',
    `${DATASET}    acceleration:\n      enigne: duckdb`,
    ['unknown_field 6:7 dataset t: there is no field `acceleration.enigne` | Did you mean `engine`?'],
  ],
  [
    'a field in camel case',
    `${DATASET}    acceleration:\n      refreshCheckInterval: 1m`,
    [
      'unknown_field 6:7 dataset t: there is no field `acceleration.refreshCheckInterval` | Did you mean `refresh_check_interval`?',
    ],
  ],
  [
    'a misspelled column field',
    `${DATASET}    columns:\n      - name: a\n        typ: INT\n        type: INT`,
    ['unknown_field 7:9 dataset t: there is no field `columns[0].typ` | Did you mean `type`?'],
  ],
  [
    'a misspelled view field',
    'version: v1\nviews:\n  - name: v\n    sql: SELECT 1\n    sqlref: x',
    ['unknown_field 5:5 view v: there is no field `sqlref` | Did you mean `sql_ref`?'],
  ],
  [
    'an interval without acceleration',
    `${DATASET}    refresh_check_interval: 1m`,
    ['unknown_field 5:5 dataset t: there is no field `refresh_check_interval` | It belongs under `acceleration`'],
  ],
  [
    'a dataset at the top level',
    'version: v1\nfrom: memory',
    ['unknown_field 2:1 configuration: there is no field `from` | It belongs in an entry of `datasets`'],
  ],
  [
    'a misspelled field of a later step',
    `${DATASET}    on_schema_chang: fail`,
    ['unknown_field 5:5 dataset t: there is no field `on_schema_chang` | Did you mean `on_schema_change`?'],
  ],
  [
    'a later top-level field',
    'version: v1\nsnapshots: []',
    ['not_yet_supported 2:1 configuration: `snapshots` is not supported yet | Remove it for now'],
  ],
  [
    'a later dataset field',
    `${DATASET}    has_metadata_table: true`,
    ['not_yet_supported 5:5 dataset t: `has_metadata_table` is not supported yet | Remove it for now'],
  ],
  [
    'a later acceleration field',
    `${DATASET}    acceleration: { storage_profile: ebs }`,
    ['not_yet_supported 5:21 dataset t: `acceleration.storage_profile` is not supported yet | Remove it for now'],
  ],
  [
    'a later refresh mode',
    `${DATASET}    acceleration: { refresh_mode: changes }`,
    [
      'not_yet_supported 5:21 dataset t: `acceleration.refresh_mode` changes is not supported yet | It takes full or append for now',
    ],
  ],
  [
    'a later view field',
    'version: v1\nviews: [{ name: v, sql: SELECT 1, metadata: {} }]',
    ['not_yet_supported 2:35 view v: `metadata` is not supported yet | Remove it for now'],
  ],
  [
    'a dataset by reference',
    'version: v1\ndatasets:\n  - ref: orders',
    ['not_yet_supported 3:5 dataset 1: `ref` is not supported yet | Remove it for now'],
  ],
])('refuses %s', async (_, text, problems) => {
  expect(await problemsOf(loadYaml({ text }))).toEqual(problems);
});
