import { dataTypes, field, TypeId } from '@millrace/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openWorkbench, readTable, type Workbench } from './open-table.ts';

let bench: Workbench;
const FILE = 'types.db';
beforeAll(async () => {
  bench = await openWorkbench();
});
afterAll(() => bench[Symbol.asyncDispose]());

/** Declared type, SQL of the values that go in, values that come out. */
const CASES: readonly (readonly [
  declared: string,
  typeId: number,
  given: readonly string[],
  read: readonly unknown[],
])[] = [
  [
    'INTEGER',
    TypeId.Int,
    ['0', '-1', '9223372036854775807', '-9223372036854775808', '9007199254740993', 'NULL', "'42'", '7.0'],
    [0n, -1n, 9223372036854775807n, -9223372036854775808n, 9007199254740993n, null, 42n, 7n],
  ],
  ['BIGINT UNSIGNED', TypeId.Int, ['255'], [255n]],
  ['TINYINT(1)', TypeId.Int, ['0', '1', '2', '127'], [0n, 1n, 2n, 127n]],
  [
    'REAL',
    TypeId.Float,
    ['0.1', '1e308', '-5e-324', '9e999', '-9e999', '3', '9007199254740993', 'NULL'],
    [0.1, 1e308, -5e-324, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 3, 9007199254740992, null],
  ],
  ['DOUBLE PRECISION', TypeId.Float, ['1.5'], [1.5]],
  [
    'TEXT',
    TypeId.Utf8,
    ["''", "'a'", "'a '", "'žluťoučký'", "'😀'", "'x' || char(0) || 'y'", 'NULL', '5', '1.50', "'é' || char(0x301)"],
    ['', 'a', 'a ', 'žluťoučký', '😀', 'x\0y', null, '5', '1.5', 'é\u0301'],
  ],
  ['VARCHAR(3)', TypeId.Utf8, ["'longer than three'"], ['longer than three']],
  ['NATIVE CHARACTER(70)', TypeId.Utf8, ["'007'"], ['007']],
  ['BLOB', TypeId.Binary, ["x''", "x'00ff80'", 'NULL'], [new Uint8Array(), Uint8Array.of(0, 255, 128), null]],
  ['VARBINARY(16)', TypeId.Binary, ["x'0102'"], [Uint8Array.of(1, 2)]],
  ['BOOLEAN', TypeId.Bool, ['TRUE', 'FALSE', '1', '0', "'1'", 'NULL'], [true, false, true, false, true, null]],
  ['BOOL', TypeId.Bool, ['1.0'], [true]],
  [
    'DATE',
    TypeId.Date,
    ["'0001-01-01'", "'1582-10-10'", "'1969-12-31'", "'1970-01-01'", "'2024-02-29'", "'9999-12-31'", 'NULL'],
    ['0001-01-01', '1582-10-10', '1969-12-31', '1970-01-01', '2024-02-29', '9999-12-31', null],
  ],
  [
    'TIME',
    TypeId.Time,
    ["'00:00'", "'23:59:59.999999'", "'12:30:15'", "'12:30:15.5000000'"],
    ['00:00:00', '23:59:59.999999', '12:30:15', '12:30:15.500000'],
  ],
  [
    'DATETIME',
    TypeId.Timestamp,
    [
      "'2024-03-10 02:30:00'",
      "'2024-03-10T02:30:00.123456'",
      "'0001-01-01'",
      "'9999-12-31 23:59:59.999999'",
      "'1969-12-31 23:59'",
    ],
    [
      '2024-03-10T02:30:00',
      '2024-03-10T02:30:00.123456',
      '0001-01-01T00:00:00',
      '9999-12-31T23:59:59.999999',
      '1969-12-31T23:59:00',
    ],
  ],
  [
    'TIMESTAMPTZ',
    TypeId.Timestamp,
    ["'2024-03-10 02:30:00Z'", "'2024-03-10T02:30:00+05:45'"],
    ['2024-03-10T02:30:00Z', '2024-03-09T20:45:00Z'],
  ],
  [
    'DECIMAL(10, 2)',
    TypeId.Decimal,
    ['0.1', '12345678.91', '-0.01', '5', '99999999.99', '-99999999.99', '1e3', 'NULL', "'1.10'"],
    ['0.10', '12345678.91', '-0.01', '5.00', '99999999.99', '-99999999.99', '1000.00', null, '1.10'],
  ],
  [
    'NUMERIC(38)',
    TypeId.Decimal,
    ['9223372036854775807', '-1', '1e20'],
    ['9223372036854775807', '-1', '100000000000000000000'],
  ],
  ['DECIMAL(18,4)', TypeId.Decimal, ['-12345678901.2345'], ['-12345678901.2345']],
  ['NUMERIC', TypeId.Float, ['1', '1.5', '9007199254740992', "'2.50'"], [1, 1.5, 9007199254740992, 2.5]],
  [
    '',
    TypeId.Utf8,
    ['1', '1.0', "'1'", 'NULL', '1e300', '9007199254740993'],
    ['1', '1.0', '1', null, '1e+300', '9007199254740993'],
  ],
  [
    'JSON',
    TypeId.Utf8,
    [`'{"a": 9007199254740993}'`, "'[1]'", "'12'", "'1.5'"],
    ['{"a": 9007199254740993}', '[1]', '12', '1.5'],
  ],
  ['UUID', TypeId.Utf8, ["'123e4567-e89b-12d3-a456-426614174000'"], ['123e4567-e89b-12d3-a456-426614174000']],
  ['STRING', TypeId.Utf8, ["'007'", "'x'"], ['7', 'x']],
];

test.each(CASES.map((one, index) => [one[0] || '(none)', index] as const))('%s', async (_, index) => {
  const [declared, typeId, given, read] = CASES[index]!;
  bench.write(
    FILE,
    `CREATE TABLE type${index} (n INTEGER, v ${declared})`,
    ...given.map((sql, row) => `INSERT INTO type${index} VALUES (${row}, ${sql})`),
  );
  const table = await bench.table(FILE, `type${index}`);
  expect(table.schema.fields[1]!.type.typeId).toBe(typeId);
  expect((await readTable(table)).map((row) => row[1])).toEqual(read);
  bench.write(FILE, `CREATE TABLE empty${index} (n INTEGER, v ${declared})`);
  expect((await bench.table(FILE, `empty${index}`)).schema).toEqual(table.schema);
});

const CONFLICTS: readonly (readonly [declared: string, sql: string])[] = [
  ['INTEGER', "'abc'"],
  ['INTEGER', '1.5'],
  ['INTEGER', "x'00'"],
  ['REAL', "'abc'"],
  ['TEXT', "x'61'"],
  ['TEXT', "CAST(x'ff41' AS TEXT)"],
  ['', "x'61'"],
  ['BLOB', "'text'"],
  ['BOOLEAN', '2'],
  ['BOOLEAN', "'true'"],
  ['DATE', '20240101'],
  ['DATE', "'2024-1-1'"],
  ['DATE', "'2023-02-29'"],
  ['DATE', "'2024-01-01 00:00:00'"],
  ['TIME', "'24:00'"],
  ['DATETIME', '1700000000'],
  ['DATETIME', "'2024-01-01 00:00:00.1234567'"],
  ['DATETIME', "'2024-01-01 00:00:00Z'"],
  ['TIMESTAMPTZ', "'2024-01-01 00:00:00'"],
  ['DECIMAL(4, 2)', '100'],
  ['DECIMAL(4, 2)', '0.125'],
  ['DECIMAL(4, 2)', "'x'"],
  ['DECIMAL(4, 2)', '9e999'],
  ['NUMERIC', '9007199254740993'],
];

describe.each(CONFLICTS.map(([declared, sql], index) => [`${declared || '(none)'} holds ${sql}`, index] as const))(
  '%s',
  (_, index) => {
    const [declared, sql] = CONFLICTS[index]!;
    const name = `conflict${index}`;
    beforeAll(() => {
      bench.write(FILE, `CREATE TABLE ${name} (v ${declared})`, `INSERT INTO ${name} VALUES (NULL), (${sql})`);
    });

    test('is an error that names the column and never the value', async () => {
      const error = await readTable(await bench.table(FILE, name)).catch((thrown) => thrown);
      expect(error).toMatchObject({ code: 'invalid_data', connector: 'sqlite' });
      expect(error.message).toContain('column v');
      expect(error.message).not.toMatch(/abc|2024|2023|9007|1700/);
    });

    test('is NULL where that is asked for, bytes that are not UTF-8 apart', async () => {
      const table = await bench.table(FILE, name, { params: { type_conflict: 'null' } });
      const rows = readTable(table);
      if (sql.includes('ff41')) await expect(rows).rejects.toMatchObject({ code: 'invalid_data' });
      else expect(await rows).toEqual([[null], [null]]);
    });
  },
);

test('declared columns choose, order and convert', async () => {
  bench.write(
    'declared.db',
    'CREATE TABLE t (a INTEGER, b DATETIME, c TEXT, d)',
    "INSERT INTO t VALUES (7, 1700000000, 'x', 12), ('seven', 5, 'y', 13)",
  );
  const schema = {
    fields: [
      field('d', dataTypes.int8()),
      field('A', dataTypes.utf8()),
      field('b', dataTypes.int64()),
      field('c', dataTypes.binary()),
    ],
  };
  const table = await bench.table('declared.db', 't', { schema });
  expect(await readTable(table)).toEqual([
    [12, '7', 1700000000n, Uint8Array.of(0x78)],
    [13, 'seven', 5n, Uint8Array.of(0x79)],
  ]);
  const wrong = bench.table('declared.db', 't', { schema: { fields: [field('aa', dataTypes.utf8())] } });
  await expect(wrong).rejects.toMatchObject({ code: 'schema_mismatch', hint: 'Did you mean a?' });
});

test('a column that is null for long, and a text that holds replacement characters, are read', async () => {
  bench.write(
    'long.db',
    'CREATE TABLE t (v TEXT)',
    'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) INSERT INTO t SELECT NULL FROM n',
    "INSERT INTO t VALUES ('\uFFFD')",
  );
  const rows = await readTable(await bench.table('long.db', 't'));
  expect(rows.length).toBe(20_001);
  expect(rows.at(-1)).toEqual(['\uFFFD']);
});
