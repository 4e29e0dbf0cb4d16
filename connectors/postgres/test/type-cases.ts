import type { LiteralLike } from '@millrace/arrow';

/** A type, values as SQL, and what must come back; the last row of every case is NULL. */
export interface TypeCase {
  readonly type: string;
  readonly literals: readonly string[];
  readonly expected: readonly LiteralLike[];
}

const MAX_DATE = 2_147_483_647;
const MAX_INT64 = 9_223_372_036_854_775_807n;
const ones = '1'.repeat(38);

export const TYPE_CASES: readonly TypeCase[] = [
  { type: 'boolean', literals: ['true', 'false'], expected: [true, false] },
  { type: 'smallint', literals: ['-32768', '0', '32767'], expected: [-32768, 0, 32767] },
  { type: 'integer', literals: ['-2147483648', '7', '2147483647'], expected: [-2147483648, 7, 2147483647] },
  {
    type: 'bigint',
    literals: ['-9223372036854775808', '-1', '9007199254740993', '9223372036854775807'],
    expected: [-9_223_372_036_854_775_808n, -1n, 9_007_199_254_740_993n, MAX_INT64],
  },
  { type: 'oid', literals: ['0', '4294967295'], expected: [0, 4294967295] },
  { type: 'xid8', literals: ["'18446744073709551615'"], expected: [18_446_744_073_709_551_615n] },
  {
    type: 'real',
    literals: ["'1.1'", "'-0'", "'NaN'", "'Infinity'", "'-Infinity'", "'1e-45'"],
    expected: [
      Math.fround(1.1),
      -0,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      Math.fround(1e-45),
    ],
  },
  {
    type: 'double precision',
    literals: ["'0.1'", "'-0'", "'NaN'", "'Infinity'", "'-Infinity'", "'5e-324'", "'1.7976931348623157e308'"],
    expected: [0.1, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 5e-324, Number.MAX_VALUE],
  },
  {
    type: 'numeric(15,2)',
    literals: [
      '0',
      '0.01',
      '-0.01',
      '9999999999999.99',
      '-9999999999999.99',
      '10000',
      '42949672.96',
      '-42949672.96',
      '1.5',
    ],
    expected: [
      0n,
      1n,
      -1n,
      999_999_999_999_999n,
      -999_999_999_999_999n,
      1_000_000n,
      4_294_967_296n,
      -4_294_967_296n,
      150n,
    ],
  },
  {
    type: 'numeric(38,0)',
    literals: [
      ones,
      `-${'9'.repeat(38)}`,
      '100000000000000000000000000000',
      '1',
      '-4294967296',
      '18446744073709551616',
    ],
    expected: [
      BigInt(ones),
      -BigInt('9'.repeat(38)),
      100_000_000_000_000_000_000_000_000_000n,
      1n,
      -4_294_967_296n,
      18_446_744_073_709_551_616n,
    ],
  },
  {
    type: 'numeric(38,38)',
    literals: [`0.${ones}`, '-0.00000000000000000000000000000000000001'],
    expected: [BigInt(ones), -1n],
  },
  { type: 'numeric(1,0)', literals: ['-9', '0', '9'], expected: [-9n, 0n, 9n] },
  { type: 'numeric(3,5)', literals: ['0.00123', '-0.00999'], expected: [123n, -999n] },
  { type: 'numeric(3,-2)', literals: ['99900', '-100'], expected: [99_900n, -100n] },
  {
    type: 'numeric',
    literals: ['1.5', '-0.000000001', '12345678901234567890.123456789'],
    expected: [1_500_000_000n, -1n, 12_345_678_901_234_567_890_123_456_789n],
  },
  { type: 'money', literals: ["'12.34'", "'-92233720368547758.08'"], expected: [1234n, -9_223_372_036_854_775_808n] },
  {
    type: 'text',
    literals: [
      "''",
      "'a'",
      `'${'x'.repeat(70)}'`,
      "U&'\\+01F600\\+10FFFF'",
      "U&'e\\0301'",
      "E'tab\\tquote\\' back\\\\'",
    ],
    expected: ['', 'a', 'x'.repeat(70), '\u{1F600}\u{10FFFF}', 'e\u0301', "tab\tquote' back\\"],
  },
  { type: 'varchar(5)', literals: ["'abc'", "'a  '"], expected: ['abc', 'a  '] },
  { type: 'char(5)', literals: ["'abc'", "'  a'", "''"], expected: ['abc', '  a', ''] },
  { type: 'name', literals: ["'table'"], expected: ['table'] },
  { type: '"char"', literals: ["'a'", "''", "'\\377'"], expected: ['a', '', '\\377'] },
  { type: 'bytea', literals: ["'\\x00ff61'", "''"], expected: [Uint8Array.of(0, 255, 97), new Uint8Array(0)] },
  {
    type: 'uuid',
    literals: ["'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'"],
    expected: ['a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'],
  },
  {
    type: 'json',
    literals: [`'{"b": 12345678901234567890,  "a":1, "a":2}'`],
    expected: ['{"b": 12345678901234567890,  "a":1, "a":2}'],
  },
  {
    type: 'jsonb',
    literals: [`'{"b": 12345678901234567890, "a":[1.10]}'`],
    expected: ['{"a": [1.10], "b": 12345678901234567890}'],
  },
  {
    type: 'date',
    literals: [
      "'1970-01-01'",
      "'1969-12-31'",
      "'0001-01-01'",
      "'9999-12-31'",
      "'4713-01-01 BC'",
      "'1582-10-15'",
      "'infinity'",
      "'-infinity'",
    ],
    expected: [0, -1, -719_162, 2_932_896, -2_440_550, -141_427, MAX_DATE, -MAX_DATE],
  },
  {
    type: 'time',
    literals: ["'00:00'", "'23:59:59.999999'", "'24:00'"],
    expected: [0n, 86_399_999_999n, 86_400_000_000n],
  },
  {
    type: 'timestamp',
    literals: [
      "'1970-01-01'",
      "'2024-03-10 02:30:00.123456'",
      "'1969-12-31 23:59:59.999999'",
      "'4713-01-01 00:00 BC'",
      "'infinity'",
      "'-infinity'",
      "'294246-12-31'",
    ],
    expected: [
      0n,
      1_710_037_800_123_456n,
      -1n,
      -210_863_520_000_000_000n,
      MAX_INT64,
      -MAX_INT64,
      9_223_371_158_400_000_000n,
    ],
  },
  {
    type: 'timestamptz',
    literals: ["'2024-03-10 02:30:00.123456+05:45'", "'1883-11-18 12:03:58-05'", "'infinity'"],
    expected: [1_710_017_100_123_456n, -2_717_650_562_000_000n, MAX_INT64],
  },
  {
    type: 'interval',
    literals: ["'1 year 2 months -3 days 04:05:06.789'", "'-1 microsecond'"],
    expected: [
      { months: 14, days: -3, nanoseconds: 14_706_789_000_000n },
      { months: 0, days: 0, nanoseconds: -1000n },
    ],
  },
  { type: 'timetz', literals: ["'12:00:00.5+05:45'"], expected: ['12:00:00.5+05:45'] },
  { type: 'bit(3)', literals: ["B'101'"], expected: ['101'] },
  { type: 'varbit', literals: ["B'1'", "B''"], expected: ['1', ''] },
  {
    type: 'inet',
    literals: ["'192.168.0.1'", "'10.1.2.3/8'", "'::1'"],
    expected: ['192.168.0.1', '10.1.2.3/8', '::1'],
  },
  { type: 'cidr', literals: ["'10.0.0.0/8'"], expected: ['10.0.0.0/8'] },
  { type: 'macaddr', literals: ["'08:00:2b:01:02:03'"], expected: ['08:00:2b:01:02:03'] },
  { type: 'xml', literals: ["'<a>1</a>'"], expected: ['<a>1</a>'] },
  { type: 'point', literals: ["'(0.1,-2)'"], expected: ['(0.1,-2)'] },
  { type: 'box', literals: ["'((0,0),(1,1))'"], expected: ['(1,1),(0,0)'] },
  { type: 'tsvector', literals: ["'a fat cat'"], expected: ["'a' 'cat' 'fat'"] },
  { type: 'int4range', literals: ["'[1,5)'", "'empty'"], expected: ['[1,5)', 'empty'] },
  { type: 'int4multirange', literals: ["'{[1,2),[5,6)}'"], expected: ['{[1,2),[5,6)}'] },
  { type: 'mood', literals: ["'sad'", "'čau'", "'ok'"], expected: ['sad', 'čau', 'ok'] },
  { type: 'integer[]', literals: ["'{}'", "'{1,NULL,-3}'", "'[2:3]={7,8}'"], expected: [[], [1, null, -3], [7, 8]] },
  { type: 'text[]', literals: [`'{"a,b",NULL,"NULL",""}'`], expected: [['a,b', null, 'NULL', '']] },
  { type: 'numeric(10,2)[]', literals: ["'{1.5,NULL}'"], expected: [[150n, null]] },
  {
    type: 'integer[][]',
    literals: ["'{{1,2},{NULL,4}}'", "'{}'"],
    expected: [
      [
        [1, 2],
        [null, 4],
      ],
      [],
    ],
  },
  { type: 'inet[]', literals: ["'{10.0.0.1,10.0.0.0/8}'"], expected: [['10.0.0.1', '10.0.0.0/8']] },
  { type: 'money[]', literals: ["'{1.5,NULL}'"], expected: [[150n, null]] },
  { type: 'mood[]', literals: ["'{ok,NULL,sad}'"], expected: [['ok', null, 'sad']] },
  { type: 'citext', literals: ["'Ab'"], expected: ['Ab'] },
  { type: 'citext[]', literals: ["'{Ab,NULL}'"], expected: [['Ab', null]] },
  { type: 'short_text', literals: ["'abc'"], expected: ['abc'] },
  { type: 'short_text[]', literals: ["'{abc,NULL}'"], expected: [['abc', null]] },
  { type: 'price', literals: ['1.25'], expected: [125n] },
  {
    type: 'address',
    literals: ["ROW('Hlavní 1', 7, '{1,2}', 'ok', 'abc')", 'ROW(NULL, NULL, NULL, NULL, NULL)'],
    expected: [
      { street: 'Hlavní 1', number: 7, codes: [1, 2], feeling: 'ok', kind: 'abc' },
      { street: null, number: null, codes: null, feeling: null, kind: null },
    ],
  },
  {
    type: 'address[]',
    literals: ["ARRAY[ROW('a', 1, '{}', 'sad', 'x')::address, NULL]"],
    expected: [[{ street: 'a', number: 1, codes: [], feeling: 'sad', kind: 'x' }, null]],
  },
];

/** What the cases need beside the built-in types. */
export const TYPE_SETUP = `
  CREATE EXTENSION citext;
  CREATE EXTENSION hstore;
  CREATE TYPE mood AS ENUM ('sad', 'ok', 'čau');
  CREATE DOMAIN short_text AS varchar(3) CHECK (VALUE <> '');
  CREATE DOMAIN price AS numeric(10,2);
  CREATE TYPE address AS (street text, number int, codes int[], feeling mood, kind short_text);
`;
