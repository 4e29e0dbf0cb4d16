import { describeType, type LiteralLike } from '@millrace/arrow';
import {
  type MariaDbDatabase,
  type MariaDbServer,
  missingMariaDb,
  serviceTitle,
  sharedMariaDb,
} from '@millrace/services';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Given, openConnector, openTable, reach, readLiterals } from './open-mysql.ts';

const missing = missingMariaDb();

/** A type, its values as the server is given them, what comes back, and the Arrow type. */
interface TypeCase {
  readonly declaration: string;
  readonly literals: readonly string[];
  readonly type: string;
  readonly values: readonly LiteralLike[];
  readonly given?: Given;
  readonly only?: 'mariadb' | 'mysql';
}

const day = (text: string): number => Date.parse(`${text}T00:00:00Z`) / 86_400_000;
const micros = (text: string, rest = 0n): bigint => BigInt(Date.parse(`${text}Z`)) * 1000n + rest;
const HOUR = 3_600_000_000n;
const text = (value: string): Uint8Array => new TextEncoder().encode(value);

const CASES: readonly TypeCase[] = [
  { declaration: 'TINYINT', literals: ['-128', '127', 'NULL'], type: 'int8', values: [-128, 127, null] },
  { declaration: 'TINYINT(1)', literals: ['0', '1', '2', '-5'], type: 'int8', values: [0, 1, 2, -5] },
  { declaration: 'TINYINT UNSIGNED', literals: ['0', '255'], type: 'uint8', values: [0, 255] },
  { declaration: 'SMALLINT', literals: ['-32768', '32767'], type: 'int16', values: [-32768, 32767] },
  { declaration: 'SMALLINT UNSIGNED', literals: ['65535'], type: 'uint16', values: [65535] },
  { declaration: 'MEDIUMINT', literals: ['-8388608', '8388607'], type: 'int32', values: [-8388608, 8388607] },
  { declaration: 'MEDIUMINT UNSIGNED', literals: ['16777215'], type: 'uint32', values: [16777215] },
  { declaration: 'INT', literals: ['-2147483648', '2147483647'], type: 'int32', values: [-2147483648, 2147483647] },
  { declaration: 'INT(5) UNSIGNED ZEROFILL', literals: ['7', '4294967295'], type: 'uint32', values: [7, 4294967295] },
  {
    declaration: 'BIGINT',
    literals: ['-9223372036854775808', '9223372036854775807', '9007199254740993', '-1'],
    type: 'int64',
    values: [-(2n ** 63n), 2n ** 63n - 1n, 2n ** 53n + 1n, -1n],
  },
  {
    declaration: 'BIGINT UNSIGNED',
    literals: ['18446744073709551615', '9223372036854775808', '0'],
    type: 'uint64',
    values: [2n ** 64n - 1n, 2n ** 63n, 0n],
  },
  {
    declaration: 'DECIMAL(38,0)',
    literals: ['99999999999999999999999999999999999999', '-99999999999999999999999999999999999999', '0', 'NULL'],
    type: 'decimal(38,0)',
    values: [10n ** 38n - 1n, 1n - 10n ** 38n, 0n, null],
  },
  {
    declaration: 'DECIMAL(30,30)',
    literals: ['0.999999999999999999999999999999', '-0.000000000000000000000000000001'],
    type: 'decimal(30,30)',
    values: [10n ** 30n - 1n, -1n],
  },
  {
    declaration: 'DECIMAL(15,2)',
    literals: ['1', '-0.01', '9999999999999.99', '-9999999999999.99', '12.30'],
    type: 'decimal(15,2)',
    values: [100n, -1n, 999999999999999n, -999999999999999n, 1230n],
  },
  {
    declaration: 'DECIMAL(16,0) UNSIGNED',
    literals: ['9999999999999999', '9007199254740993'],
    type: 'decimal(16,0)',
    values: [9999999999999999n, 9007199254740993n],
  },
  {
    declaration: 'FLOAT',
    literals: ['3.4028234e38', '-1.5', '0.1', '16777217', '1.17549435e-38'],
    type: 'float32',
    values: [3.4028234663852886e38, -1.5, Math.fround(0.1), 16777216, 1.1754943508222875e-38],
  },
  {
    declaration: 'DOUBLE',
    literals: ['1.7976931348623157e308', '0.1', '2.2250738585072014e-308', '-123456789.12345679'],
    type: 'float64',
    values: [1.7976931348623157e308, 0.1, 2.2250738585072014e-308, -123456789.12345679],
  },
  {
    declaration: 'BIT(64)',
    literals: ["b'0'", "x'ffffffffffffffff'", "b'101'", "x'8000000000000001'"],
    type: 'uint64',
    values: [0n, 2n ** 64n - 1n, 5n, 2n ** 63n + 1n],
  },
  { declaration: 'BIT(1)', literals: ["b'0'", "b'1'", 'NULL'], type: 'uint64', values: [0n, 1n, null] },
  { declaration: 'YEAR', literals: ['1901', '2155', '0'], type: 'int16', values: [1901, 2155, 0] },
  {
    declaration: 'DATE',
    literals: ["'0001-01-01'", "'1582-10-04'", "'1582-10-15'", "'1969-12-31'", "'9999-12-31'", "'2024-02-29'", 'NULL'],
    type: 'date32',
    values: [-719162, day('1582-10-04'), day('1582-10-15'), -1, day('9999-12-31'), day('2024-02-29'), null],
  },
  {
    declaration: 'DATE NOT NULL',
    literals: ["'0000-00-00'", "'2024-05-00'", "'2024-00-00'", "'2024-05-06'"],
    type: 'date32',
    values: [null, null, null, day('2024-05-06')],
  },
  {
    declaration: 'DATETIME(6)',
    literals: [
      "'0001-01-01 00:00:00'",
      "'1500-06-01 12:34:56.000001'",
      "'1969-12-31 23:59:59.999999'",
      "'2024-03-10 02:30:00'",
      "'2255-06-05 23:47:34.740993'",
      "'2400-01-01 00:00:00.5'",
      "'9999-12-31 23:59:59.999999'",
    ],
    type: 'timestamp[us]',
    values: [
      micros('0001-01-01T00:00:00'),
      micros('1500-06-01T12:34:56', 1n),
      -1n,
      micros('2024-03-10T02:30:00'),
      micros('2255-06-05T23:47:34', 740_993n),
      micros('2400-01-01T00:00:00', 500_000n),
      253402300799999999n,
    ],
  },
  {
    declaration: 'DATETIME NOT NULL',
    literals: ["'0000-00-00 00:00:00'", "'2024-05-06 00:00:00'"],
    type: 'timestamp[us]',
    values: [null, micros('2024-05-06T00:00:00')],
  },
  {
    declaration: 'TIMESTAMP(6) NULL',
    literals: [
      "'1970-01-01 00:00:01'",
      "'2038-01-19 03:14:07.999999'",
      "'2024-11-03 05:30:00'",
      "'0000-00-00 00:00:00'",
    ],
    type: 'timestamp[us, UTC]',
    values: [1_000_000n, 2147483647999999n, micros('2024-11-03T05:30:00'), null],
  },
  {
    declaration: 'TIME(6)',
    literals: ["'838:59:59.999999'", "'-838:59:59.999999'", "'00:00:00'", "'23:59:59.999999'", "'-00:00:00.000001'"],
    type: 'duration[us]',
    values: [839n * HOUR - 1n, 1n - 839n * HOUR, 0n, 24n * HOUR - 1n, -1n],
  },
  { declaration: 'CHAR(5)', literals: ["'ab'", "'ab  '", "''"], type: 'utf8', values: ['ab', 'ab', ''] },
  {
    declaration: 'VARCHAR(100)',
    literals: ["''", "'ab  '", "'ä€😀'", "'a\\0b'", "'e\u0301'", 'NULL', "'\u{10FFFF}'"],
    type: 'utf8',
    values: ['', 'ab  ', 'ä€😀', 'a\0b', 'e\u0301', null, '\u{10FFFF}'],
  },
  { declaration: 'VARCHAR(20) CHARACTER SET latin1', literals: ["'naïve €'"], type: 'utf8', values: ['naïve €'] },
  { declaration: 'VARCHAR(20) CHARACTER SET utf16', literals: ["'ä😀'"], type: 'utf8', values: ['ä😀'] },
  { declaration: 'LONGTEXT', literals: ["REPEAT('ä', 600000)"], type: 'utf8', values: ['ä'.repeat(600000)] },
  { declaration: 'TEXT', literals: ["REPEAT('x', 300)"], type: 'utf8', values: ['x'.repeat(300)] },
  {
    declaration: 'BINARY(3)',
    literals: ["'a'", "x'00ff00'"],
    type: 'binary',
    values: [text('a\0\0'), Uint8Array.of(0, 255, 0)],
  },
  {
    declaration: 'VARBINARY(9)',
    literals: ["''", "x'00c3ff'"],
    type: 'binary',
    values: [text(''), Uint8Array.of(0, 0xc3, 0xff)],
  },
  { declaration: 'LONGBLOB', literals: ["x'fe00'"], type: 'binary', values: [Uint8Array.of(0xfe, 0)] },
  {
    declaration: "ENUM('small','it''s','a,b','ä')",
    literals: ["'small'", "'it''s'", "'a,b'", "'ä'", 'NULL', "''"],
    type: 'dictionary<uint16, utf8>',
    values: ['small', "it's", 'a,b', 'ä', null, ''],
  },
  { declaration: "SET('a','b','c')", literals: ["'c,a'", "''", 'NULL'], type: 'utf8', values: ['a,c', '', null] },
  {
    declaration: 'JSON',
    literals: [`'{"n": 12345678901234567890}'`],
    type: 'utf8',
    values: ['{"n": 12345678901234567890}'],
    only: 'mariadb',
  },
  {
    declaration: 'UUID',
    literals: ["'123E4567-E89B-12D3-A456-426655440000'"],
    type: 'utf8',
    values: ['123e4567-e89b-12d3-a456-426655440000'],
    only: 'mariadb',
  },
  {
    declaration: 'INET6',
    literals: ["'2001:DB8::1'", "'::ffff:1.2.3.4'"],
    type: 'utf8',
    values: ['2001:db8::1', '::ffff:1.2.3.4'],
    only: 'mariadb',
  },
  { declaration: 'INET4', literals: ["'10.0.0.1'"], type: 'utf8', values: ['10.0.0.1'], only: 'mariadb' },
  {
    declaration: 'INT GENERATED ALWAYS AS (id * 2) VIRTUAL',
    literals: ['DEFAULT', 'DEFAULT'],
    type: 'int32',
    values: [2, 4],
  },
  { declaration: 'INT GENERATED ALWAYS AS (id * 3) STORED', literals: ['DEFAULT'], type: 'int32', values: [3] },
  { declaration: 'INT INVISIBLE', literals: ['5'], type: 'int32', values: [5], only: 'mariadb' },
];

for (const zone of ['UTC', 'America/New_York', 'Asia/Kathmandu'])
  describe.skipIf(missing !== undefined)(serviceTitle(`types under TZ=${zone}`, missing), () => {
    let server: MariaDbServer;
    let database: MariaDbDatabase;
    let product: string;
    const before = process.env.TZ;

    beforeAll(async () => {
      process.env.TZ = zone;
      server = await sharedMariaDb();
      database = await server.createDatabase();
      const [row] = await database.sql('SELECT VERSION() AS version');
      product = /mariadb/i.test(String(row?.version)) ? 'mariadb' : 'mysql';
    });
    afterAll(async () => {
      await database?.drop();
      if (before === undefined) delete process.env.TZ;
      else process.env.TZ = before;
    });

    for (const [index, { declaration, literals, type, values, given, only }] of CASES.entries())
      test(declaration, async ({ skip }) => {
        if (only !== undefined && only !== product) skip(`the server is ${product}`);
        const tuples = literals.map((literal, id) => `(${id + 1}, ${literal})`).join(', ');
        await database.sql(
          `SET sql_mode = '', time_zone = '+00:00'; CREATE TABLE t${index} (id INT PRIMARY KEY, c ${declaration}); INSERT INTO t${index} (id, c) VALUES ${tuples}`,
        );
        for (const time_zone of ['+00:00', '-03:30']) {
          await using connector = await openConnector({
            ...reach(server, database.database),
            mysql_time_zone: time_zone,
            ...given,
          });
          const table = await openTable(connector, `t${index}`);
          const fields = table.schema.fields;
          expect(fields.map(({ name }) => name)).toEqual(['id', 'c']);
          expect(describeType(fields[1]!.type)).toBe(type);
          const id = { kind: 'column', path: ['id'], type: fields[0]!.type } as const;
          const read = await readLiterals(table, {
            projection: [1],
            order: [{ expr: id, descending: false, nullsFirst: false }],
          });
          expect(read).toEqual(values);
        }
      });
  });
