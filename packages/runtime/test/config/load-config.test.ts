import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig, type ResolvedConfig, type RuntimeConfigInput } from '../../src/config/index.ts';
import { loadYaml } from './load-yaml.ts';

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
