// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references to secrets look like this.
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig, type ResolvedConfig, type RuntimeConfigInput } from '../../src/config/index.ts';
import { failureOf, loadYaml, problemsOf } from './load-yaml.ts';

const FULL = `
# everything that works today
version: v1
name: shop
datasets:
  - from: file:data/orders.csv
    name: sales.orders
    description: One line an order
    params:
      file_format: csv
      csv_has_header: true
    columns:
      - name: id
        type: BIGINT
        nullable: false
        description: the key
      - { name: amount, type: 'DECIMAL(10,2)' }
    acceleration:
      engine: duckdb
      mode: file
      refresh_mode: full
      refresh_check_interval: 1h30m
      refresh_sql: SELECT id FROM orders
      params: { duckdb_file: ./orders.db }
  - from: memory
    name: '"My Table"'
    acceleration: {}
views:
  - name: big
    description: the large ones
    sql: SELECT * FROM sales.orders WHERE amount > 100
`;

const FULL_INPUT: RuntimeConfigInput = {
  version: 'v1',
  name: 'shop',
  datasets: [
    {
      from: 'file:data/orders.csv',
      name: 'sales.orders',
      description: 'One line an order',
      params: { file_format: 'csv', csv_has_header: true, unset: undefined },
      columns: [
        { name: 'id', type: 'BIGINT', nullable: false, description: 'the key' },
        { name: 'amount', type: 'DECIMAL(10,2)' },
      ],
      acceleration: {
        engine: 'duckdb',
        mode: 'file',
        refresh_mode: 'full',
        refresh_check_interval: '1h30m',
        refresh_sql: 'SELECT id FROM orders',
        params: { duckdb_file: './orders.db' },
      },
    },
    { from: 'memory', name: '"My Table"', acceleration: {} },
  ],
  views: [{ name: 'big', description: 'the large ones', sql: 'SELECT * FROM sales.orders WHERE amount > 100' }],
};

/** A configuration without what only a file has: places. */
function comparable({ datasets, views, name, version }: ResolvedConfig) {
  const texts = (params: ReadonlyMap<string, { readonly text: string }>) =>
    Object.fromEntries([...params].map(([key, { text }]) => [key, text]));
  return {
    version,
    name,
    datasets: datasets.map(({ location: _, params, acceleration, ...rest }) => ({
      ...rest,
      params: texts(params),
      acceleration: acceleration && { ...acceleration, params: texts(acceleration.params) },
    })),
    views: views.map(({ location: _, ...rest }) => rest),
  };
}

describe('a configuration that is right', () => {
  it('is the same model from YAML and from an object', async () => {
    const fromYaml = comparable(await loadYaml({ text: FULL }));
    expect(fromYaml).toEqual(comparable(await loadConfig({ config: FULL_INPUT })));
    expect(fromYaml).toEqual({
      version: 'v1',
      name: 'shop',
      datasets: [
        {
          from: { connector: 'file', path: 'data/orders.csv', text: 'file:data/orders.csv' },
          name: { schemaName: 'sales', table: 'orders', text: 'sales.orders' },
          description: 'One line an order',
          params: { file_format: 'csv', csv_has_header: 'true' },
          columns: [
            { name: 'id', type: 'BIGINT', nullable: false, description: 'the key' },
            { name: 'amount', type: 'DECIMAL(10,2)', nullable: true },
          ],
          acceleration: {
            enabled: true,
            engine: 'duckdb',
            mode: 'file',
            refreshMode: 'full',
            refreshCheckIntervalMs: 5_400_000,
            refreshSql: 'SELECT id FROM orders',
            params: { duckdb_file: './orders.db' },
          },
        },
        {
          from: { connector: 'memory', path: '', text: 'memory' },
          name: { table: 'My Table', text: '"My Table"' },
          params: {},
          acceleration: { enabled: true, engine: 'arrow', mode: 'memory', params: {} },
        },
      ],
      views: [
        {
          name: { table: 'big', text: 'big' },
          description: 'the large ones',
          sql: 'SELECT * FROM sales.orders WHERE amount > 100',
        },
      ],
    });
  });

  it('knows where its fields stand', async () => {
    const { datasets, views } = await loadYaml({ text: FULL });
    const place = (field?: string) => {
      const location = datasets[0]?.location(field);
      return location && `${basename(location.file)} ${location.line}:${location.column}`;
    };
    expect(place()).toBe('millrace.yaml 6:5');
    expect(place('name')).toBe('millrace.yaml 7:5');
    expect(place('params.csv_has_header')).toBe('millrace.yaml 11:7');
    expect(place('acceleration.mode')).toBe('millrace.yaml 20:7');
    expect(place('acceleration.params.duckdb_file')).toBe('millrace.yaml 24:17');
    expect(place('acceleration.enabled'), 'an absent field').toBe('millrace.yaml 18:5');
    expect(datasets[0]?.params.get('file_format')?.location?.line).toBe(10);
    expect(views[0]?.location('sql')?.line).toBe(31);
    const [fromObject] = (await loadConfig({ config: FULL_INPUT })).datasets;
    expect(fromObject?.location('name')).toBeUndefined();
  });

  it.each<[string, string]>([
    ['nothing but a version', 'version: v1'],
    ['empty lists', 'version: v1\ndatasets:\nviews:\n'],
    ['the head of a spicepod', 'version: v1\nkind: Spicepod\nname: app'],
    ['a byte order mark', '\uFEFFversion: v1'],
    ['Windows line ends', 'version: v1\r\nname: x\r\ndatasets:\r\n  - from: memory\r\n    name: t\r\n'],
    ['empty parameters', 'version: v1\ndatasets: [{ from: memory, name: t, params: }]'],
    ['JSON', '{"version": "v1", "datasets": [{"from": "memory", "name": "t"}]}'],
  ])('accepts %s', async (_, text) => {
    expect((await loadYaml({ text })).version).toBe('v1');
  });

  it('accepts the old version of spicepods with a warning', async () => {
    const { version, warnings } = await loadYaml({ text: 'version: v1beta1' });
    expect(version).toBe('v1');
    expect(warnings).toEqual([
      { message: '`version: v1beta1` is read as v1', location: expect.objectContaining({ line: 1 }) },
    ]);
  });

  it('warns of refreshes that are switched off together with the acceleration', async () => {
    const acceleration = { enabled: false, refresh_check_interval: '1m', engine: 'duckdb' };
    const { datasets, warnings } = await loadConfig({
      config: { datasets: [{ from: 'memory', name: 't', acceleration }] },
    });
    expect(datasets[0]?.acceleration).toMatchObject({ enabled: false, refreshCheckIntervalMs: 60_000 });
    expect(warnings.map(({ message }) => message)).toEqual([
      'dataset t: acceleration is switched off, so refresh_check_interval has no effect',
    ]);
  });

  it('resolves anchors, aliases and merge keys', async () => {
    const { datasets } = await loadYaml({
      text: `version: v1
datasets:
  - &base
    from: memory
    name: a
    params: &shared { x: 1, y: 2 }
  - <<: *base
    name: b
    params: { <<: *shared, y: 3 }
  - <<: [*base]
    name: c
    params: *shared
`,
    });
    const described = datasets.map(({ name, from, params }) => [
      name.table,
      from.connector,
      [...params].map(([key, { text }]) => `${key}=${text}`).sort(),
    ]);
    expect(described).toEqual([
      ['a', 'memory', ['x=1', 'y=2']],
      ['b', 'memory', ['x=1', 'y=3']],
      ['c', 'memory', ['x=1', 'y=2']],
    ]);
  });

  it('reads a view from a file beside it', async () => {
    const text = 'version: v1\nviews: [{ name: v, sql_ref: queries.sql }]';
    const { views } = await loadYaml({ text, files: { 'queries.sql': '\uFEFFSELECT 1\n' } });
    expect(views[0]?.sql).toBe('SELECT 1\n');
  });

  it('counts relative paths from the folder of the file', async () => {
    const { baseDirectory, file } = await loadYaml({ text: 'version: v1' });
    expect(file).toBe(join(baseDirectory, 'millrace.yaml'));
    expect((await loadConfig({ config: {} })).baseDirectory).toBe(process.cwd());
    expect((await loadConfig({ config: {}, baseDirectory: tmpdir() })).baseDirectory).toBe(tmpdir());
  });
});

const DATASET = 'version: v1\ndatasets:\n  - from: memory\n    name: t\n';
const COLUMNS = 'name, datasets';

/** YAML and the problems that it has. */
const WRONG: readonly [string, string, readonly string[]][] = [
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
    `${DATASET}    time_colum: at`,
    ['unknown_field 5:5 dataset t: there is no field `time_colum` | Did you mean `time_column`?'],
  ],
  [
    'a later top-level field',
    'version: v1\ncatalogs: []',
    ['not_yet_supported 2:1 configuration: `catalogs` is not supported yet | Remove it for now'],
  ],
  [
    'a later dataset field',
    `${DATASET}    time_column: at`,
    ['not_yet_supported 5:5 dataset t: `time_column` is not supported yet | Remove it for now'],
  ],
  [
    'a later acceleration field',
    `${DATASET}    acceleration: { primary_key: id }`,
    ['not_yet_supported 5:21 dataset t: `acceleration.primary_key` is not supported yet | Remove it for now'],
  ],
  [
    'a later refresh mode',
    `${DATASET}    acceleration: { refresh_mode: append }`,
    [
      'not_yet_supported 5:21 dataset t: `acceleration.refresh_mode` append is not supported yet | It takes full for now',
    ],
  ],
  [
    'a later mode',
    `${DATASET}    acceleration: { mode: file_create }`,
    [
      'not_yet_supported 5:21 dataset t: `acceleration.mode` file_create is not supported yet | It takes memory or file for now',
    ],
  ],
  [
    'a later view field',
    'version: v1\nviews: [{ name: v, sql: SELECT 1, acceleration: {} }]',
    ['not_yet_supported 2:35 view v: `acceleration` is not supported yet | Remove it for now'],
  ],
  [
    'a dataset by reference',
    'version: v1\ndatasets:\n  - ref: orders',
    ['not_yet_supported 3:5 dataset 1: `ref` is not supported yet | Remove it for now'],
  ],

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
    ['invalid_config 5:21 dataset t: `acceleration.mode` must be one of memory, file | Did you mean file?'],
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
  ['no columns', `${DATASET}    columns: []`, ['invalid_config 5:5 dataset t: `columns` is empty']],
  [
    'a column without type',
    `${DATASET}    columns: [{ name: a }]`,
    ['invalid_config 5:15 dataset t: `columns[0].type` is missing'],
  ],
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
];

describe('a configuration that is wrong', () => {
  it.each(WRONG)('%s', async (_, text, problems) => {
    expect(await problemsOf(loadYaml({ text }))).toEqual(problems);
  });

  it.each<[string, string, readonly string[]]>([
    ['nothing', '', ['1:1 the configuration is empty']],
    ['a comment alone', '# later', ['1:1 the configuration is empty']],
    ['a tab', 'version: v1\ndatasets:\n\t- from: x', ['3:1 a tab is used as indentation']],
    ['duplicate keys', 'version: v1\nname: a\nname: b', ['3:1 this key stands twice in the same map']],
    [
      'two errors',
      'version: v1\nname: @x\nkind: %y',
      [
        '2:7 a value begins with a character that YAML reserves',
        '3:7 a value begins with a character that YAML reserves',
      ],
    ],
    ['an unclosed quote', 'version: v1\nname: "x', ['2:9 a quote, a bracket or the `:` behind a key is missing']],
    [
      'an unclosed bracket',
      'version: v1\ndatasets: [',
      ['2:12 the indentation does not fit, or a bracket is not closed'],
    ],
    ['a nested mapping in one line', 'version: v1\nname: a: b', ['2:7 a key cannot stand here']],
    ['two documents', 'version: v1\n---\nversion: v1', ['2:1 the file holds more than one YAML document']],
    ['an alias without anchor', 'version: v1\nname: *x', ['2:7 an alias has no anchor before it']],
    ['an unknown tag', 'version: v1\nname: !env X', ['2:7 a tag (`!name`) is not known']],
    ['a list as key', 'version: v1\n? [a]\n: b', ['2:3 a key is not a plain word']],
    ['an empty key', 'version: v1\n: b', ['2:1 a key is not a plain word']],
    ['a merge of a text', 'version: v1\n<<: x', ['2:1 `<<` takes a map or a list of maps']],
    [
      'an anchor that holds itself',
      'version: v1\ndatasets: &a [*a]',
      ['2:14 the configuration is deeper than 64 levels or larger than 100000 nodes'],
    ],
    [
      'aliases that multiply',
      `version: v1\na: &a [x,x,x,x,x,x,x,x,x,x]\n${['b', 'c', 'd', 'e', 'f'].map((key, index) => `${key}: &${key} [${Array(10).fill(`*${'abcde'[index]}`)}]`).join('\n')}`,
      ['2:22 the configuration is deeper than 64 levels or larger than 100000 nodes'],
    ],
  ])('YAML with %s', async (_, text, expected) => {
    const problems = await problemsOf(loadYaml({ text }));
    expect(
      problems.map((problem) => problem.replace(/^invalid_config (\S+) configuration: (.*?)( \|.*)?$/, '$1 $2')),
    ).toEqual(expected.map((line) => expect.stringContaining(line)));
  });

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
      'unknown_field configuration: there is no field `__proto__` | The fields here are version, kind, name, datasets, views',
    ],
    [
      'a later field',
      { runtime: {} },
      'not_yet_supported configuration: `runtime` is not supported yet | Remove it for now',
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

describe('a file that cannot be read', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'millrace-config-')));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('is named from the working folder when it is in there, and in full otherwise', async () => {
    const file = join(folder, 'wrong.yaml');
    await writeFile(file, 'version: v2');
    const before = process.cwd();
    expect((await failureOf(loadConfig({ configPath: file }))).location?.file).toBe(file);
    try {
      process.chdir(folder);
      expect((await failureOf(loadConfig({ configPath: file }))).message).toMatch(/^wrong\.yaml:1:1: /);
      expect((await failureOf(loadConfig({ configPath: './none.yaml' }))).message).toMatch(
        /the file none\.yaml does not/,
      );
    } finally {
      process.chdir(before);
    }
  });

  it.each<[string, string, RegExp, (path: string) => Promise<void>]>([
    ['missing', 'not_found', /the file .*missing does not exist\. Name another/, async () => {}],
    [
      'a folder',
      'invalid_config',
      /a folder is a folder\. Name the file in it\.$/,
      async (path) => void (await mkdir(path)),
    ],
    [
      'a link to itself',
      'io',
      /reading the file .*a link to itself failed with ELOOP\. Check the path and its permissions\.$/,
      (path) => symlink(path, path),
    ],
    [
      'binary',
      'invalid_config',
      /is not text in UTF-8\. Name a YAML file\.$/,
      (path) => writeFile(path, Uint8Array.of(0x50, 0xff, 0xfe)),
    ],
  ])('%s', async (name, code, message, prepare) => {
    const configPath = join(folder, name);
    await prepare(configPath);
    const failure = await failureOf(loadConfig({ configPath }));
    expect(failure.code).toBe(code);
    expect(failure.message).toMatch(message);
  });
});

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
