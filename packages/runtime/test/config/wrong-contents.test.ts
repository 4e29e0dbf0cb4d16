// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references to secrets look like this.
import { expect, it } from 'vitest';
import { loadYaml, problemsOf } from './load-yaml.ts';

const DATASET = 'version: v1\ndatasets:\n  - from: memory\n    name: t\n';

it.each<[string, string, readonly string[]]>([
  [
    'two columns of one name',
    `${DATASET}    columns:\n      - { name: a, type: INT }\n      - { name: A, type: INT }`,
    ['invalid_config 7:11 dataset t: column A stands twice | Names that differ only by case are one name in SQL'],
  ],
  [
    'a type that ends the type',
    `${DATASET}    columns: [{ name: a, type: "INT); DROP TABLE x" }]`,
    [
      'invalid_config 5:26 dataset t: the type of column a is not a type in SQL | Write for example BIGINT, VARCHAR, DECIMAL(10,2) or INTEGER[]',
    ],
  ],
  [
    'a from without connector',
    'version: v1\ndatasets:\n  - from: data/orders.csv\n    name: t',
    [
      'invalid_config 3:5 dataset t: `from` names no connector | Write connector:path, for example file:data/orders.csv',
    ],
  ],
  [
    'a view without query',
    'version: v1\nviews:\n  - name: v',
    ['invalid_config 3:5 view v: it has no query | Give either `sql` or `sql_ref`'],
  ],
  [
    'a view with two queries',
    'version: v1\nviews:\n  - name: v\n    sql: SELECT 1\n    sql_ref: v.sql',
    ['invalid_config 5:5 view v: it has both `sql` and `sql_ref` | Give either `sql` or `sql_ref`'],
  ],
  [
    'a view with a blank query',
    'version: v1\nviews:\n  - name: v\n    sql: " "',
    ['invalid_config 4:5 view v: its query is empty'],
  ],
  [
    'a view whose file is missing',
    'version: v1\nviews:\n  - name: v\n    sql_ref: v.sql',
    [
      'not_found 4:5 view v: the file of `sql_ref`, v.sql, does not exist | The path counts from the folder of the configuration',
    ],
  ],
  [
    'two datasets of one name',
    `${DATASET}  - from: memory\n    name: t`,
    [
      'already_exists 6:5 dataset t: the name is that of dataset t in line 4 already | Names that differ only by case are one name in SQL; choose another',
    ],
  ],
  [
    'names that differ only by case',
    `${DATASET}  - from: memory\n    name: T`,
    [
      'already_exists 6:5 dataset T: the name is that of dataset t in line 4 already | Names that differ only by case are one name in SQL; choose another',
    ],
  ],
  [
    'the default schema spelled out',
    `${DATASET}  - from: memory\n    name: main."t"`,
    [
      'already_exists 6:5 dataset main."t": the name is that of dataset t in line 4 already | Names that differ only by case are one name in SQL; choose another',
    ],
  ],
  [
    'a view named like a dataset',
    `${DATASET}views:\n  - name: t\n    sql: SELECT 1`,
    [
      'already_exists 6:5 view t: the name is that of dataset t in line 4 already | Names that differ only by case are one name in SQL; choose another',
    ],
  ],
  [
    'a reference in from',
    'version: v1\ndatasets:\n  - from: file:${env:DATA}/x.csv\n    name: t',
    [
      'invalid_config 3:5 dataset t: references like ${env:NAME} are not substituted in `from` | They belong in `params`',
    ],
  ],
  [
    'a reference in a name',
    'version: v1\ndatasets:\n  - from: memory\n    name: \'"${env:X}"\'',
    ['invalid_config 4:5 dataset "${env:X}": `name` holds a reference | References belong in `params`'],
  ],
  [
    'an empty parameter',
    `${DATASET}    params:\n      pg_pass:`,
    ['invalid_config 6:7 dataset t: parameter pg_pass has no value | Leave it out, or put the text in quotes'],
  ],
  [
    'a null parameter',
    `${DATASET}    params: { x: ~, y: null }`,
    [
      'invalid_config 5:15 dataset t: parameter x has no value | Leave it out, or put the text in quotes',
      'invalid_config 5:21 dataset t: parameter y has no value | Leave it out, or put the text in quotes',
    ],
  ],
  [
    'a secret that is not set',
    `${DATASET}    params:\n      pg_pass: \${env:PG_PASS}`,
    [
      'missing_parameter 6:7 dataset t: parameter pg_pass: the secret PG_PASS is not set | Set the environment variable PG_PASS, or put it into .env beside the configuration',
    ],
  ],
])('refuses %s', async (_, text, problems) => {
  expect(await problemsOf(loadYaml({ text }))).toEqual(problems);
});
