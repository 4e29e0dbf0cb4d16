import type { Catalog } from '@millrace/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openWorkbench, parametersOf, readTable, scanContext, type Workbench } from './open-table.ts';

/** Names that a careless quoting or folding gets wrong. */
const NAMES: readonly string[] = [
  'lowercase',
  'UPPERCASE',
  'MixedCase',
  'under_score',
  'with-hyphen',
  'with space',
  'trailing ',
  ' leading',
  'a.dot',
  'a,comma',
  'a:colon',
  'a;semicolon',
  'an@at',
  'a"quote',
  "an'apostrophe",
  'a`backtick`',
  'a/slash',
  'a\\backslash',
  'adigit0',
  '0startdigit',
  'カラム',
  'select',
  'order',
  'group',
  'index',
  '[bracket]',
  '?',
  '$1',
  ':name',
  'rowid',
  'x'.repeat(300),
];
const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;

let bench: Workbench;
let catalog: Catalog;
beforeAll(async () => {
  bench = await openWorkbench();
  bench.write(
    'names.db',
    ...NAMES.flatMap((name) => [
      `CREATE TABLE ${quote(`t ${name}`)} (${quote(name)} TEXT)`,
      `INSERT INTO ${quote(`t ${name}`)} VALUES ('x'), ('y')`,
    ]),
  );
  bench.write(
    'shop.db',
    "CREATE TABLE customers (id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE, city TEXT DEFAULT 'Brno', score REAL DEFAULT 1.5, made DEFAULT (1 + 1))",
    'CREATE TABLE orders (id INTEGER, line INTEGER, customer INTEGER REFERENCES customers (id), PRIMARY KEY (id, line)) WITHOUT ROWID',
    'CREATE VIEW big_orders AS SELECT * FROM orders',
    'CREATE VIRTUAL TABLE words USING fts5(body)',
    'CREATE UNIQUE INDEX partial ON customers (city) WHERE score > 1',
    'CREATE TABLE descending (k INTEGER PRIMARY KEY DESC)',
    `CREATE TABLE wide (${Array.from({ length: 1_600 }, (_, index) => `c${index} INTEGER`).join(', ')})`,
  );
  catalog = await bench.connector.catalogProvider!(
    { name: 'shop', path: '', parameters: parametersOf({ file: 'shop.db' }), include: [], exclude: [] },
    scanContext(),
  );
});
afterAll(() => bench[Symbol.asyncDispose]());

test.each(NAMES.map((name) => [name.slice(0, 20), name] as const))(
  'a table and a column named %j are found, read and filtered',
  async (_, name) => {
    const table = await bench.table('names.db', `t ${name}`);
    expect(table.schema.fields.map((field) => field.name)).toEqual([name]);
    const { type } = table.schema.fields[0]!;
    const column = { kind: 'column', path: [name], type } as const;
    const filters = [
      { kind: 'call', function: 'eq', args: [column, { kind: 'literal', value: 'y', type }], type: { typeId: 6 } },
    ] as const;
    expect(await readTable(table, { filters, order: [{ expr: column, descending: true, nullsFirst: false }] })).toEqual(
      [['y']],
    );
  },
);

test('tables and views are listed once, what a virtual table keeps for itself is not', async () => {
  const list = async () => {
    const listed = [];
    for await (const one of catalog.tables(['main'], scanContext())) listed.push([one.reference.name, one.tableType]);
    return listed;
  };
  const namespaces = [];
  for await (const namespace of catalog.namespaces([], scanContext())) namespaces.push(namespace);
  expect(namespaces).toEqual([['main']]);
  const listed = await list();
  expect(listed).toEqual([
    ['big_orders', 'view'],
    ['customers', 'base'],
    ['descending', 'base'],
    ['orders', 'base'],
    ['wide', 'base'],
    ['words', 'base'],
  ]);
  expect(await list()).toEqual(listed);
  for await (const one of catalog.tables(['elsewhere'], scanContext())) expect.fail(JSON.stringify(one));
  expect(await catalog.table({ namespace: ['main'], name: 'nothing' }, scanContext())).toBeUndefined();
  expect(await catalog.table({ namespace: ['temp'], name: 'orders' }, scanContext())).toBeUndefined();
});

test('keys, uniqueness, references, defaults and nullability are told', async () => {
  const customers = await catalog.table({ namespace: ['main'], name: 'customers' }, scanContext());
  expect(customers!.constraints).toEqual([
    { kind: 'primary_key', columns: ['id'], enforced: true },
    { kind: 'unique', columns: ['email'], enforced: true },
  ]);
  expect(
    Object.entries(customers!.defaults!).map(([name, expr]) => [name, (expr as { value?: unknown }).value]),
  ).toEqual([
    ['city', 'Brno'],
    ['score', 1.5],
  ]);
  expect(customers!.schema.fields.map(({ nullable }) => nullable)).toEqual([false, false, true, true, true]);
  const orders = await catalog.table({ namespace: ['main'], name: 'orders' }, scanContext());
  expect(orders!.constraints).toEqual([
    { kind: 'primary_key', columns: ['id', 'line'], enforced: true },
    {
      kind: 'foreign_key',
      columns: ['customer'],
      references: { table: { namespace: ['main'], name: 'customers' }, columns: ['id'] },
      enforced: false,
    },
  ]);
  expect(orders!.schema.fields.map(({ nullable }) => nullable)).toEqual([false, false, true]);
  // Descending, the key is no row id, and may be NULL.
  const descending = await catalog.table({ namespace: ['main'], name: 'descending' }, scanContext());
  expect(descending!.schema.fields[0]!.nullable).toBe(true);
});

test('1,600 columns, names in other case, and main. in front are no matter', async () => {
  expect((await bench.table('shop.db', 'wide')).schema.fields.length).toBe(1_600);
  expect((await bench.table('shop.db', 'main.ORDERS')).schema.fields.length).toBe(3);
  expect((await bench.table('shop.db', '"orders"')).schema.fields.length).toBe(3);
});

test('2,000 tables are listed by one statement', async () => {
  bench.write(
    'many.db',
    ['BEGIN', ...Array.from({ length: 2_000 }, (_, index) => `CREATE TABLE t${index} (a)`), 'COMMIT'].join(';'),
  );
  const many = await bench.connector.catalogProvider!(
    { name: 'many', path: '', parameters: parametersOf({ file: 'many.db' }), include: [], exclude: [] },
    scanContext(),
  );
  let count = 0;
  for await (const _ of many.tables(['main'], scanContext())) count++;
  expect(count).toBe(2_000);
});
