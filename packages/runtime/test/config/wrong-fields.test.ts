import { expect, it } from 'vitest';
import { loadYaml, problemsOf } from './load-yaml.ts';

const DATASET = 'version: v1\ndatasets:\n  - from: memory\n    name: t\n';

it.each<[string, string, readonly string[]]>([
  [
    'no version',
    'datasets: []',
    ['invalid_config 1:1 configuration: `version` is missing | Begin the file with `version: v1`'],
  ],
  [
    'another version',
    'version: v2',
    ['invalid_config 1:1 configuration: `version` must be one of v1, v1beta1 | Did you mean v1?'],
  ],
  ['a number as version', 'version: 1', ['invalid_config 1:1 configuration: `version` must be one of v1, v1beta1']],
  ['another kind', 'version: v1\nkind: Pod', ['invalid_config 2:1 configuration: `kind` must be Spicepod']],
  ['a list', '- version: v1', ['invalid_config 1:1 configuration: the configuration must be a map and is a list']],
  ['a text', 'version', ['invalid_config 1:1 configuration: the configuration must be a map and is text']],
  [
    'datasets as a map',
    'version: v1\ndatasets:\n  from: memory',
    ['invalid_config 2:1 configuration: `datasets` must be a list and is a map | Begin each entry with `- `'],
  ],
  [
    'a dataset as text',
    'version: v1\ndatasets: [orders]',
    ['invalid_config 2:12 dataset 1: the entry must be a map and is text'],
  ],
  [
    'no from and no name',
    'version: v1\ndatasets:\n  - description: x',
    ['invalid_config 3:5 dataset 1: `from` is missing', 'invalid_config 3:5 dataset 1: `name` is missing'],
  ],
  [
    'an empty name',
    'version: v1\ndatasets:\n  - from: memory\n    name: ""',
    ['invalid_config 4:5 dataset 1: `name` is empty'],
  ],
  [
    'a number as name',
    'version: v1\ndatasets:\n  - from: memory\n    name: 2024',
    ['invalid_config 4:5 dataset 2024: `name` must be text and is a number | Put it in quotes'],
  ],
  [
    'a list as params',
    `${DATASET}    params: [a]`,
    ['invalid_config 5:5 dataset t: `params` must be a map and is a list'],
  ],
  [
    'a quoted boolean',
    `${DATASET}    acceleration: { enabled: "true" }`,
    [
      'invalid_config 5:21 dataset t: `acceleration.enabled` must be true or false and is text | Write true or false without quotes',
    ],
  ],
  [
    'an empty acceleration',
    `${DATASET}    acceleration:`,
    [
      'invalid_config 5:5 dataset t: `acceleration` must be a map and is empty | Write `acceleration: {}` for the defaults',
    ],
  ],
  [
    'a misspelled mode',
    `${DATASET}    acceleration: { mode: flie }`,
    [
      'invalid_config 5:21 dataset t: `acceleration.mode` must be one of memory, file, file_create, file_update | Did you mean file?',
    ],
  ],
  [
    'an interval without unit',
    `${DATASET}    acceleration: { refresh_check_interval: "10" }`,
    [
      'invalid_config 5:21 dataset t: `acceleration.refresh_check_interval` must be a duration above 0 with a unit | Write for example 30s, 5m or 1h',
    ],
  ],
  [
    'an interval as number',
    `${DATASET}    acceleration: { refresh_check_interval: 10 }`,
    [
      'invalid_config 5:21 dataset t: `acceleration.refresh_check_interval` must be text and is a number | Write a duration with its unit, for example 30s, 5m or 1h',
    ],
  ],
  [
    'an interval of 0',
    `${DATASET}    acceleration: { refresh_check_interval: 0s }`,
    [
      'invalid_config 5:21 dataset t: `acceleration.refresh_check_interval` must be a duration above 0 with a unit | Write for example 30s, 5m or 1h',
    ],
  ],
  [
    'numbers that are none of a count',
    `${DATASET}    acceleration: { refresh_retry_max_attempts: 1.5 }
  - from: memory:u
    name: u
    acceleration: { refresh_retry_max_attempts: 1e30 }
`,
    [
      'invalid_config 5:21 dataset t: `acceleration.refresh_retry_max_attempts` must be a whole number and is a number',
      'invalid_config 8:21 dataset u: `acceleration.refresh_retry_max_attempts` must be at most 9007199254740991',
    ],
  ],
  ['no columns', `${DATASET}    columns: []`, ['invalid_config 5:5 dataset t: `columns` is empty']],
  [
    'a column without type',
    `${DATASET}    columns: [{ name: a }]`,
    ['invalid_config 5:15 dataset t: `columns[0].type` is missing'],
  ],
])('refuses %s', async (_, text, problems) => {
  expect(await problemsOf(loadYaml({ text }))).toEqual(problems);
});
