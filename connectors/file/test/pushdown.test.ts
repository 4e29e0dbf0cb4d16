import { batchFromRows, describeType, writeIpcStream } from '@millrace/arrow';
import {
  checkPlan,
  type DataConnector,
  type DataType,
  dataTypes,
  type Expr,
  field,
  type LiteralValue,
  type RecordBatch,
  type ScalarFunction,
  type ScanRequest,
  type Schema,
  type TableProvider,
} from '@millrace/core';
import { type DuckDbDatabase, openDatabase } from '@millrace/duckdb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestConnector, openTable, readBatches, readRows, SIGNAL } from './open-table.ts';
import { createTempFolder, type TempFolder } from './temp-folder.ts';

let folder: TempFolder;
let connector: DataConnector;
let database: DuckDbDatabase;
let tables: Readonly<Record<string, TableProvider>>;

/** Two files with every kind of edge; `id` names the row. */
const SELECT = (half: number) => `SELECT * FROM (VALUES
  (1, 5::BIGINT, 1.5::DOUBLE, 'abc', DATE '2024-01-01', TIMESTAMP '2024-01-01 10:00:00.000001', 1.10::DECIMAL(10,2), true, {'a': 1, 'b': 'x'}),
  (2, -5, 'NaN', 'a%c', DATE '1969-12-31', TIMESTAMP '1969-12-31 23:59:59.999999', -1.10, false, {'a': NULL, 'b': 'y'}),
  (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (4, 9223372036854775807, 'Infinity', '', DATE '9999-12-31', TIMESTAMP '9999-12-31 00:00:00', 99999999.99, true, {'a': 3, 'b': ''}),
  (5, -9223372036854775808, '-Infinity', 'ÄB_c', DATE '0001-01-01', TIMESTAMP '0001-01-01 00:00:00', 0, false, {'a': 4, 'b': NULL}),
  (6, 9007199254740993, -0.0, 'it''s', DATE '2024-02-29', TIMESTAMP '2024-02-29 12:00:00', 0.01, true, {'a': 5, 'b': 'z'})
) t(id, i, f, s, d, ts, n, b, st) WHERE id % 2 = ${half}`;

beforeAll(async () => {
  folder = await createTempFolder();
  connector = await createTestConnector(folder.path);
  database = await openDatabase({ path: ':memory:' });
  await database.withConnection(async (connection) => {
    for (const half of [0, 1])
      await connection.run(`COPY (${SELECT(half)}) TO '${folder.path}/${half}.parquet' (FORMAT parquet)`);
    await connection.run(`COPY (${SELECT(0)} UNION ALL ${SELECT(1)}) TO '${folder.path}/all.json' (FORMAT json)`);
    await connection.run(
      `COPY (SELECT * EXCLUDE (st) FROM (${SELECT(0)} UNION ALL ${SELECT(1)})) TO '${folder.path}/all.csv' (FORMAT csv, NULLSTR 'NULL')`,
    );
  });
  const split = await openTable(connector, { path: '*.parquet' });
  tables = {
    parquet: split,
    csv: await openTable(connector, {
      path: 'all.csv',
      params: { csv_null_value: 'NULL' },
      schema: { fields: split.schema.fields.slice(0, -1) },
    }),
  };
});

afterAll(async () => {
  await connector.close();
  await database.close();
  await folder.remove();
});

const INT = dataTypes.int64();
const FLOAT = dataTypes.float64();
const TEXT = dataTypes.utf8();
const DATE = dataTypes.date();
const TIME = dataTypes.timestamp();
const DECIMAL = dataTypes.decimal(10, 2);
const BOOL = dataTypes.bool();

const column = (name: string, type: DataType, ...members: string[]): Expr => ({
  kind: 'column',
  path: [name, ...members],
  type,
});
const literal = (value: LiteralValue, type: DataType): Expr => ({ kind: 'literal', value, type });
const call = (name: ScalarFunction, args: readonly Expr[], type: DataType = BOOL): Expr => ({
  kind: 'call',
  function: name,
  args,
  type,
});

const i = column('i', INT);
const f = column('f', FLOAT);
const s = column('s', TEXT);
const five = literal(5n, INT);

/** Filters and the rows that they let through. */
const FILTERS: readonly (readonly [name: string, filter: Expr, ids: readonly number[]])[] = [
  ['eq', call('eq', [i, five]), [1]],
  ['ne', call('ne', [i, five]), [2, 4, 5, 6]],
  ['exact 64-bit', call('eq', [i, literal(9007199254740993n, INT)]), [6]],
  ['lowest', call('le', [i, literal(-9223372036854775808n, INT)]), [5]],
  ['is_null', call('is_null', [i]), [3]],
  ['is_not_null', call('is_not_null', [s]), [1, 2, 4, 5, 6]],
  ['distinct', call('distinct', [i, five]), [2, 3, 4, 5, 6]],
  ['not_distinct null', call('not_distinct', [i, literal(null, INT)]), [3]],
  ['eq null', call('eq', [i, literal(null, INT)]), []],
  ['NaN equals itself', call('eq', [f, literal(Number.NaN, FLOAT)]), [2]],
  ['NaN is above all', call('gt', [f, literal(Number.POSITIVE_INFINITY, FLOAT)]), [2]],
  ['minus infinity', call('lt', [f, literal(-1e308, FLOAT)]), [5]],
  ['zeros are equal', call('eq', [f, literal(0, FLOAT)]), [6]],
  ['in', call('in', [s, literal('abc', TEXT), literal("it's", TEXT), literal(null, TEXT)]), [1, 6]],
  ['not in', call('not', [call('in', [s, literal('abc', TEXT)])]), [2, 4, 5, 6]],
  ['in nothing', call('in', [s]), []],
  ['like', call('like', [s, literal('a%c', TEXT), literal('', TEXT)]), [1, 2]],
  ['like with escape', call('like', [s, literal('a!%c', TEXT), literal('!', TEXT)]), [2]],
  ['starts_with', call('starts_with', [s, literal('a%', TEXT)]), [2]],
  ['ends_with', call('ends_with', [s, literal('_c', TEXT)]), [5]],
  ['contains', call('contains', [s, literal("'", TEXT)]), [6]],
  ['lower', call('eq', [call('lower', [s], TEXT), literal('äb_c', TEXT)]), [5]],
  ['upper', call('eq', [call('upper', [s], TEXT), literal('ABC', TEXT)]), [1]],
  ['length', call('eq', [call('length', [s], INT), literal(0n, INT)]), [4]],
  ['substr', call('eq', [call('substr', [s, literal(2n, INT), literal(1n, INT)], TEXT), literal('b', TEXT)]), [1]],
  ['text by bytes', call('gt', [s, literal('it', TEXT)]), [5, 6]],
  ['date', call('ge', [column('d', DATE), literal(19_723, DATE)]), [1, 4, 6]],
  ['date before 1970', call('lt', [column('d', DATE), literal(0, DATE)]), [2, 5]],
  ['microseconds', call('eq', [column('ts', TIME), literal(1_704_103_200_000_001n, TIME)]), [1]],
  ['decimal', call('eq', [column('n', DECIMAL), literal(-110n, DECIMAL)]), [2]],
  ['boolean', column('b', BOOL), [1, 4, 6]],
  ['not', call('not', [column('b', BOOL)]), [2, 5]],
  ['or', call('or', [call('is_null', [i]), call('eq', [i, five])]), [1, 3]],
  ['and', call('and', [call('gt', [i, literal(0n, INT)]), column('b', BOOL)]), [1, 4, 6]],
  ['and of nothing', call('and', []), [1, 2, 3, 4, 5, 6]],
  ['or of nothing', call('or', []), []],
  ['coalesce', call('eq', [call('coalesce', [i, five], INT), five]), [1, 3]],
  ['case', call('eq', [call('case', [column('b', BOOL), five, literal(7n, INT)], INT), literal(7n, INT)]), [2, 3, 5]],
  ['mod', call('eq', [call('mod', [i, literal(4n, INT)], INT), literal(-1n, INT)]), [2]],
  ['div', call('eq', [call('div', [f, literal(2, FLOAT)], FLOAT), literal(0.75, FLOAT)]), [1]],
  ['neg', call('eq', [call('neg', [f], FLOAT), literal(-1.5, FLOAT)]), [1]],
  [
    'add, sub, mul',
    call('eq', [
      call(
        'mul',
        [call('sub', [call('add', [f, literal(1, FLOAT)], FLOAT), literal(0.5, FLOAT)], FLOAT), literal(2, FLOAT)],
        FLOAT,
      ),
      literal(4, FLOAT),
    ]),
    [1],
  ],
  ['cast', call('eq', [call('cast', [column('id', dataTypes.int32())], TEXT), literal('3', TEXT)]), [3]],
  [
    'date_trunc',
    call('eq', [
      call('date_trunc', [literal('month', TEXT), column('ts', TIME)], TIME),
      literal(1_706_745_600_000_000n, TIME),
    ]),
    [6],
  ],
  [
    'extract',
    call('eq', [call('extract', [literal('year', TEXT), column('ts', TIME)], INT), literal(1969n, INT)]),
    [2],
  ],
];

describe.each(['parquet', 'csv'])('%s', (format) => {
  test.each(FILTERS)('filter %s is exact', async (_, filter, ids) => {
    const table = tables[format]!;
    const request: ScanRequest = { projection: [0], filters: [filter] };
    const plan = await table.scan(request, { signal: SIGNAL });
    checkPlan(request, plan);
    expect(plan.applied).toEqual({ filters: ['exact'] });
    expect((await readRows(table, request)).flat().sort()).toEqual(ids);
  });

  test('projection, order, offset and limit', async () => {
    const table = tables[format]!;
    const request: ScanRequest = {
      projection: [3, 0],
      filters: [call('gt', [column('id', dataTypes.int32()), literal(1, dataTypes.int32())])],
      order: [
        { expr: i, descending: true, nullsFirst: true },
        { expr: column('id', dataTypes.int32()), descending: false, nullsFirst: false },
      ],
      offset: 1n,
      limit: 2n,
    };
    const plan = await table.scan(request, { signal: SIGNAL });
    checkPlan(request, plan);
    expect(plan.applied).toEqual({ filters: ['exact'], order: 'exact', offset: true, limit: 'exact' });
    expect(plan.partitions).toHaveLength(1);
    expect(plan.schema.fields.map(({ name }) => name)).toEqual(['s', 'id']);
    expect(await readRows(table, request)).toEqual([
      ['', 4],
      ["it's", 6],
    ]);
  });

  test.each([0n, 1n, 5n, 6n, 7n, 2n ** 40n])('a limit of %s over all files', async (limit) => {
    const rows = await readRows(tables[format]!, { limit });
    expect(rows).toHaveLength(Number(limit > 6n ? 6n : limit));
  });

  test('an empty projection counts rows', async () => {
    const batches = await readBatches(tables[format]!, { projection: [], filters: [call('is_not_null', [i])] });
    expect(batches.reduce((sum, { numRows }) => sum + numRows, 0)).toBe(5);
    expect(batches.every(({ schema, data }) => schema.fields.length === 0 && data.children.length === 0)).toBe(true);
  });

  test('what cannot be said in SQL is left to the engine, and nothing is cut above it', async () => {
    const table = tables[format]!;
    const filters = [call('gt', [call('random', [], FLOAT), literal(0.5, FLOAT)]), call('eq', [i, five])];
    const request: ScanRequest = {
      projection: [0],
      filters,
      limit: 1n,
      order: [{ expr: i, descending: false, nullsFirst: true }],
    };
    const plan = await table.scan(request, { signal: SIGNAL });
    checkPlan(request, plan);
    expect(plan.applied).toEqual({ filters: ['none', 'exact'], order: 'none', limit: 'none' });
    const sampled: ScanRequest = {
      projection: [0],
      filters: [filters[1]!],
      sample: { fraction: 0.5, method: 'bernoulli' },
    };
    const other = await table.scan(sampled, { signal: SIGNAL });
    checkPlan(sampled, other);
    expect(other.applied.filters).toEqual(['none']);
  });

  test('a cast that could fail is evaluated behind the filters that guard it', async () => {
    const number = call('eq', [call('cast', [s], INT), literal(1n, INT)]);
    const guard = call('eq', [s, literal('1', TEXT)]);
    for (const filters of [
      [guard, number],
      [number, guard],
    ])
      expect(await readRows(tables[format]!, { projection: [0], filters })).toEqual([]);
  });
});

test('a column inside a struct, and one that is called like its table', async () => {
  const table = tables.parquet!;
  const filter = call('eq', [column('st', dataTypes.int32(), 'a'), literal(4, dataTypes.int32())]);
  expect(await readRows(table, { projection: [0], filters: [filter] })).toEqual([[5]]);
  const path = await folder.write('self/file.json', '[{"file":{"file":1}},{"file":{"file":2}}]');
  const own = await openTable(connector, { path });
  const inner = call('eq', [column('file', INT, 'file'), literal(2n, INT)]);
  expect(await readRows(own, { filters: [inner] })).toEqual([[{ file: 2n }]]);
});

test('literals take the type of the column beside them: UUID, HUGEINT', async () => {
  const uuid = '550e8400-e29b-41d4-a716-446655440000';
  const path = await folder.write('types/all.json', `[{"u":"${uuid}","h":12345678901234567890},{"u":null,"h":1}]`);
  const table = await openTable(connector, { path });
  const [u, h] = table.schema.fields;
  expect([u, h].map((each) => describeType(each!.type))).toEqual(['fixed_size_binary(16)', 'decimal256(39,0)']);
  const bytes = Uint8Array.from(Buffer.from(uuid.replaceAll('-', ''), 'hex'));
  for (const filter of [
    call('eq', [column('u', u!.type), literal(bytes, u!.type)]),
    call('eq', [column('h', h!.type), literal(12345678901234567890n, h!.type)]),
  ]) {
    expect((await table.scan({ projection: [1], filters: [filter] }, { signal: SIGNAL })).applied.filters).toEqual([
      'exact',
    ]);
    expect(await readRows(table, { projection: [1], filters: [filter] })).toEqual([['12345678901234567890']]);
  }
});

test('partitions are JSON, disjoint and can be read again', async () => {
  const plan = await tables.parquet!.scan({ projection: [0], filters: [] }, { signal: SIGNAL });
  expect(plan.partitions).toHaveLength(2);
  const read = async (partition: (typeof plan.partitions)[number]) => {
    const batches: RecordBatch[] = [];
    for await (const batch of plan.execute(JSON.parse(JSON.stringify(partition)), { signal: SIGNAL }))
      batches.push(batch);
    return batches.reduce((sum, { numRows }) => sum + numRows, 0);
  };
  expect(await Promise.all([...plan.partitions, ...plan.partitions].map(read))).toEqual([3, 3, 3, 3]);
  expect(plan.explain()).toMatchObject({
    source: 'file *.parquet',
    statement: expect.stringContaining('read_parquet'),
  });
});

describe('Arrow', () => {
  const schema: Schema = { fields: [field('id', INT), field('name', TEXT)] };

  async function writeArrow(name: string, batches: readonly RecordBatch[], of: Schema = schema): Promise<string> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of writeIpcStream(of, batches)) chunks.push(chunk);
    return folder.write(name, Buffer.concat(chunks));
  }
  const batch = (...ids: bigint[]) =>
    batchFromRows(
      schema,
      ids.map((id) => [id, `row ${id}`]),
    );

  test('streams are read batch by batch, one partition a file, columns by name', async () => {
    await writeArrow('arrow/1.arrows', [batch(1n, 2n), batch(3n)]);
    const swapped: Schema = { fields: [...schema.fields].reverse() };
    await writeArrow('arrow/2.arrow', [batchFromRows(swapped, [['row 4', 4n]])], swapped);
    const table = await openTable(connector, { path: 'arrow/*' });
    const request: ScanRequest = { projection: [1], filters: [call('eq', [column('id', INT), five])], limit: 1n };
    const plan = await table.scan(request, { signal: SIGNAL });
    checkPlan(request, plan);
    expect(plan.applied).toEqual({ filters: ['none'], limit: 'none' });
    expect(plan.partitions).toHaveLength(2);
    expect(await readRows(table)).toEqual([1n, 2n, 3n, 4n].map((id) => [id, `row ${id}`]));
    expect(await readRows(table, { projection: [1] })).toEqual([1, 2, 3, 4].map((id) => [`row ${id}`]));
    expect((await readBatches(table, { projection: [] })).map(({ numRows }) => numRows)).toEqual([2, 1, 1]);
    const limited: ScanRequest = { projection: [0], filters: [], limit: 1n, offset: 1n };
    checkPlan(limited, await table.scan(limited, { signal: SIGNAL }));
    expect((await readBatches(table, limited)).map(({ numRows }) => numRows)).toEqual([2, 1]);
    expect(table.nativeRelation).toBeUndefined();
  });

  test('other types and missing columns are errors that name file and column', async () => {
    await writeArrow('arrow-mixed/1.arrow', [batch(1n)]);
    const other: Schema = { fields: [field('id', TEXT), field('name', TEXT)] };
    await writeArrow('arrow-mixed/2.arrow', [batchFromRows(other, [['x', 'y']])], other);
    const fewer: Schema = { fields: [field('id', INT)] };
    await writeArrow('arrow-mixed/3.arrow', [batchFromRows(fewer, [[1n]])], fewer);
    await expect(openTable(connector, { path: 'arrow-mixed/{1,2}.arrow' })).rejects.toMatchObject({
      code: 'schema_mismatch',
      message: expect.stringMatching(/column id is utf8 in .*2\.arrow and int64 in the table/),
    });
    await expect(openTable(connector, { path: 'arrow-mixed/{1,3}.arrow' })).rejects.toMatchObject({
      code: 'schema_mismatch',
      message: expect.stringMatching(/3\.arrow has no column name/),
    });
    const chosen = await openTable(connector, { path: 'arrow-mixed/{1,3}.arrow', schema: fewer });
    expect(await readRows(chosen)).toEqual([[1n], [1n]]);
  });

  test('a file that is cut off fails and does not end early', async () => {
    const whole = await writeArrow('arrow-cut/whole.arrow', [batch(1n, 2n), batch(3n)]);
    const { readFile } = await import('node:fs/promises');
    const bytes = await readFile(whole);
    const path = await folder.write('arrow-cut/part.arrow', bytes.subarray(0, bytes.length - 60));
    const table = await openTable(connector, { path });
    await expect(readRows(table)).rejects.toMatchObject({
      code: 'invalid_data',
      message: expect.stringContaining('part.arrow'),
    });
  });
});
