import { createLiteralReader } from '@millrace/arrow';
import { dataTypes, type Field, field } from '@millrace/core';
import { TYPE_SAMPLES } from '@millrace/test-fixtures';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type BoundValue,
  type DuckDbConnection,
  type DuckDbDatabase,
  EXTENSION,
  extensionMetadata,
  openDatabase,
} from '../src/index.ts';

describe('parameters', () => {
  let database: DuckDbDatabase;
  let connection: DuckDbConnection;
  beforeAll(async () => {
    database = await openDatabase({ path: ':memory:' });
    connection = await database.connect();
  });
  afterAll(() => database.close());

  /** Reads an expression as a literal of its Arrow type, as it would be bound. */
  async function literal(sql: string): Promise<BoundValue> {
    const stream = await connection.stream({ sql: `SELECT ${sql}` });
    let bound: BoundValue = null;
    for await (const batch of stream) {
      const [column] = batch.data.children;
      const [{ type, metadata } = { type: dataTypes.null() } as Field] = stream.schema.fields;
      bound = {
        value: sql.startsWith('(NULL)') ? null : createLiteralReader(column!)(0),
        type,
        ...(metadata === undefined ? {} : { metadata }),
      };
    }
    return bound;
  }

  it.each(TYPE_SAMPLES.filter(({ type }) => type !== 'GEOMETRY'))(
    '$type is bound exactly',
    async ({ type, values }) => {
      for (const value of [...values, 'NULL']) {
        const expression = `(${value})::${type}`;
        const [row] = await connection.rows(
          `SELECT $1 IS NOT DISTINCT FROM ${expression}, typeof($1) = typeof(${expression}), $1::VARCHAR IS NOT DISTINCT FROM ${expression}::VARCHAR`,
          [await literal(expression)],
        );
        expect([value, row]).toEqual([value, [true, true, true]]);
      }
    },
  );

  const plain: readonly (readonly [BoundValue, string, string])[] = [
    [true, 'BOOLEAN', 'true'],
    [1, 'INTEGER', '1'],
    [-2_147_483_648, 'INTEGER', '-2147483648'],
    [2_147_483_648, 'DOUBLE', '2147483648.0'],
    [3.4, 'DOUBLE', '3.4'],
    [-0, 'DOUBLE', '-0.0'],
    [Number.NaN, 'DOUBLE', 'nan'],
    [Number.NEGATIVE_INFINITY, 'DOUBLE', '-inf'],
    [9_007_199_254_740_993n, 'BIGINT', '9007199254740993'],
    [-(2n ** 63n), 'BIGINT', '-9223372036854775808'],
    [2n ** 63n, 'HUGEINT', '9223372036854775808'],
    [2n ** 128n - 1n, 'UHUGEINT', '340282366920938463463374607431768211455'],
    ["it's", 'VARCHAR', "it's"],
    ['nul\0!', 'VARCHAR', 'nul\0!'],
    [new Uint8Array([0, 65, 255]), 'BLOB', '\\x00A\\xFF'],
  ];
  it.each(plain)('%o is bound as it is', async (value, type, text) => {
    expect(await connection.rows('SELECT typeof($1), $1::VARCHAR', [value])).toEqual([[type, text]]);
  });

  it('survives uses of one parameter of which only some tell its type', async () => {
    const sql = "SELECT typeof($1), $1::VARCHAR, {'a': $1}, $1 = 'x', $2, $2::INTEGER, typeof($2)";
    expect(await connection.rows(sql, ['x', null])).toEqual([['VARCHAR', 'x', { a: 'x' }, true, null, null, '"NULL"']]);
    expect(await connection.rows('SELECT 1')).toEqual([[1]]);
  });

  it.each([
    ['SELECT 2 IN $1', [{ value: [1, 2], type: dataTypes.list(dataTypes.int32()) }], true],
    ['SELECT i FROM range(9) t(i) ORDER BY i LIMIT $1 OFFSET $2', [1, 4], 4n],
    ["SELECT position($1 IN 'abc')", ['b'], 2n],
    ["SELECT 'a%c' LIKE 'a$%c' ESCAPE $1", ['$'], true],
    ['SELECT [1, 2, 3][$1]', [2], 2],
    ['SELECT sum(i)::INTEGER FROM range($1) t(i)', [4], 6],
    ["SELECT 2 BETWEEN $1 AND $2 AND '$3' <> 'x' -- $4", [1, 3], true],
  ] as const)('leaves the grammar of %s alone', async (sql, parameters, expected) => {
    expect(await connection.rows(sql, parameters as readonly BoundValue[])).toEqual([[expected]]);
  });

  it('takes names without regard to case, as DuckDB does', async () => {
    expect(await connection.rows('SELECT $Low, $low', { Low: 1 })).toEqual([[1, 1]]);
  });

  it('binds dates as instants', async () => {
    const [row] = await connection.rows("SELECT typeof($1), $1 = TIMESTAMPTZ '2024-02-29 12:00:00.123+00'", [
      new Date('2024-02-29T12:00:00.123Z'),
    ]);
    expect(row).toEqual(['TIMESTAMP WITH TIME ZONE', true]);
  });

  it('binds by name, and by position in either style', async () => {
    expect(await connection.rows('SELECT $low, $high, $low', { low: 1, high: 2 })).toEqual([[1, 2, 1]]);
    expect(await connection.rows('SELECT ?, ?', [1, 2])).toEqual([[1, 2]]);
    expect(await connection.rows('SELECT $2, $1', [1, 2])).toEqual([[2, 1]]);
  });

  it.each([
    ['a missing one', 'SELECT $1, $2', [1]],
    ['one too many', 'SELECT $1', [1, 2]],
    ['another name', 'SELECT $a', { b: 1 }],
    ['none at all', 'SELECT $1', []],
  ] as const)('refuses %s', async (_, sql, parameters) => {
    await expect(connection.rows(sql, parameters)).rejects.toMatchObject({ code: 'invalid_argument' });
  });

  const bad: readonly (readonly [string, Exclude<BoundValue, string>])[] = [
    ['an int8 out of range', { value: 128, type: dataTypes.int8() }],
    ['a fraction as integer', { value: 1.5, type: dataTypes.int32() }],
    ['an unsafe number as int64', { value: 2 ** 53, type: dataTypes.int64() }],
    ['a decimal of too many digits', { value: 1000n, type: dataTypes.decimal(3, 1) }],
    ['nanoseconds of an instant', { value: 1n, type: dataTypes.timestamp(3, 'UTC') }],
    ['seconds beyond microseconds', { value: 2n ** 62n, type: dataTypes.timestamp(0, 'UTC') }],
    ['an interval of nanoseconds', { value: { months: 0, days: 0, nanoseconds: 1n }, type: dataTypes.interval() }],
    ['text as number', { value: '1', type: dataTypes.float64() }],
    ['a lone surrogate', { value: '\ud800', type: dataTypes.utf8() }],
    ['a short array', { value: [1], type: dataTypes.fixedSizeList(dataTypes.int8(), 2) }],
    ['an object as list', { value: { a: 1 }, type: dataTypes.list(dataTypes.int8()) }],
    [
      'a UUID of 3 bytes',
      { value: new Uint8Array(3), type: dataTypes.fixedSizeBinary(16), metadata: extensionMetadata(EXTENSION.uuid) },
    ],
    ['a BIT of words', { value: 'yes', type: dataTypes.utf8(), metadata: extensionMetadata(EXTENSION.bit) }],
    [
      'a time without offset',
      { value: '12:00:00', type: dataTypes.utf8(), metadata: extensionMetadata(EXTENSION.timeWithZone) },
    ],
    ['an invalid date', new Date(Number.NaN)],
    ['129 bits', 2n ** 128n],
  ];
  it.each(bad)('refuses %s', async (_, value) => {
    await expect(connection.rows('SELECT $1', [value])).rejects.toMatchObject({
      code: 'invalid_argument',
      message: expect.stringContaining('parameter 1'),
    });
  });

  it('scales times and instants of every unit', async () => {
    const second = { value: 1_700_000_000n, type: dataTypes.timestamp(0, 'UTC') };
    const millisecond = { value: 1_700_000_000_000n, type: dataTypes.timestamp(1, 'Europe/Prague') };
    const nanosecond = { value: 1_700_000_000_000_000_000n, type: dataTypes.timestamp(3, 'UTC') };
    const time = { value: 3_600n, type: dataTypes.time(0) };
    const duration = { value: 90n, type: dataTypes.duration(0) };
    const [row] = await connection.rows(
      "SELECT $1 = $2, $2 = $3, epoch($1), $4 = TIME '01:00:00', $5 = INTERVAL 90 SECONDS",
      [second, millisecond, nanosecond, time, duration],
    );
    expect(row).toEqual([true, true, 1_700_000_000, true, true]);
  });

  it('binds a dictionary by its value', async () => {
    const type = { typeId: -1, indices: dataTypes.int32(), dictionary: dataTypes.utf8() };
    expect(await connection.rows('SELECT typeof($1), $1', [{ value: 'x', type }])).toEqual([['VARCHAR', 'x']]);
  });

  it('binds nested values by the names of their fields', async () => {
    const type = dataTypes.struct([field('a', dataTypes.int64()), field('b', dataTypes.list(dataTypes.utf8()))]);
    expect(
      await connection.rows('SELECT $1.a, $1.b[2]', [{ value: { a: 2n ** 53n + 1n, b: ['x', 'y'] }, type }]),
    ).toEqual([[9_007_199_254_740_993n, 'y']]);
  });
});
