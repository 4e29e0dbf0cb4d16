/** One DuckDB type with values worth trying, as SQL; NULL is always tried besides. */
export interface TypeSample {
  readonly type: string;
  /** Literals that are cast to the type: low, high and special values among them. */
  readonly values: readonly string[];
}

/** Every type that a result can have, VARIANT aside. */
export const TYPE_SAMPLES: readonly TypeSample[] = [
  { type: 'BOOLEAN', values: ['true', 'false'] },
  { type: 'TINYINT', values: ['-128', '0', '127'] },
  { type: 'SMALLINT', values: ['-32768', '-1', '32767'] },
  { type: 'INTEGER', values: ['-2147483648', '0', '2147483647'] },
  { type: 'BIGINT', values: ['-9223372036854775808', '9007199254740993', '9223372036854775807'] },
  { type: 'UTINYINT', values: ['0', '255'] },
  { type: 'USMALLINT', values: ['0', '65535'] },
  { type: 'UINTEGER', values: ['0', '4294967295'] },
  { type: 'UBIGINT', values: ['0', '9007199254740993', '18446744073709551615'] },
  {
    type: 'HUGEINT',
    values: [
      "'-170141183460469231731687303715884105728'",
      '-1',
      '0',
      '9007199254740993',
      "'170141183460469231731687303715884105727'",
    ],
  },
  { type: 'UHUGEINT', values: ['0', '18446744073709551616', "'340282366920938463463374607431768211455'"] },
  { type: 'FLOAT', values: ["'nan'", "'inf'", "'-inf'", '-0.0::FLOAT', '3.4028235e38', '1.5'] },
  { type: 'DOUBLE', values: ["'nan'", "'inf'", "'-inf'", '-0.0::DOUBLE', '1.7976931348623157e308', '5e-324', '0.1'] },
  { type: 'DECIMAL(4,1)', values: ['-999.9', '0', '999.9'] },
  { type: 'DECIMAL(9,3)', values: ['-999999.999', '0.001', '999999.999'] },
  { type: 'DECIMAL(18,6)', values: ['-999999999999.999999', '0.000001', '999999999999.999999'] },
  {
    type: 'DECIMAL(38,10)',
    values: ["'-9999999999999999999999999999.9999999999'", '0.0000000001', "'9999999999999999999999999999.9999999999'"],
  },
  {
    type: 'VARCHAR',
    values: [
      "''",
      "'a'",
      "'exactly twel'",
      "'exactly 13 ch'",
      "'žluťoučký kůň 🐎'",
      "repeat('long ', 5000)",
      "'nul' || chr(0) || '!'",
    ],
  },
  { type: 'JSON', values: ['\'{"a": [1, null]}\'', '\'"text"\'', "'null'"] },
  { type: 'BLOB', values: ["''", "'\\x00\\xFF'", "'\\x00 more than twelve bytes \\xFE'"] },
  { type: 'BIT', values: ["'0'", "'1'", "'10000001'", "'101010101010101010101'", "repeat('01', 200)"] },
  {
    type: 'BIGNUM',
    values: [
      '0',
      '-1',
      '255',
      '-256',
      "'123456789012345678901234567890123456789012345678901234567890'",
      "'-98765432109876543210987654321098765432109876543210'",
    ],
  },
  {
    type: 'UUID',
    values: [
      "'00000000-0000-0000-0000-000000000000'",
      "'7fffffff-ffff-ffff-8000-000000000001'",
      "'80000000-0000-0000-0000-000000000000'",
      "'ffffffff-ffff-ffff-ffff-ffffffffffff'",
      "'01234567-89ab-cdef-0123-456789abcdef'",
    ],
  },
  {
    type: 'DATE',
    values: ["'infinity'", "'-infinity'", "'5877642-06-25 (BC)'", "'1970-01-01'", "'5881580-07-10'", "'0001-01-01'"],
  },
  { type: 'TIME', values: ["'00:00:00'", "'12:34:56.789012'", "'24:00:00'"] },
  { type: 'TIME_NS', values: ["'00:00:00'", "'12:34:56.789012345'"] },
  {
    type: 'TIMETZ',
    values: ["'00:00:00+15:59:59'", "'12:34:56.7+05:30'", "'23:59:59.999999-15:59:59'", "'24:00:00+00'"],
  },
  {
    type: 'TIMESTAMP',
    values: [
      "'infinity'",
      "'-infinity'",
      "'1969-12-31 23:59:59.999999'",
      "'290309-12-22 (BC) 00:00:00'",
      "'294247-01-10 04:00:54.775806'",
    ],
  },
  { type: 'TIMESTAMP_S', values: ["'infinity'", "'-infinity'", "'1969-12-31 23:59:59'", "'2024-02-29 12:00:00'"] },
  { type: 'TIMESTAMP_MS', values: ["'infinity'", "'-infinity'", "'1969-12-31 23:59:59.999'"] },
  {
    type: 'TIMESTAMP_NS',
    values: ["'infinity'", "'-infinity'", "'1677-09-22 00:00:00'", "'2262-04-11 23:47:16.854775806'"],
  },
  {
    type: 'TIMESTAMPTZ',
    values: ["'infinity'", "'-infinity'", "'2024-02-29 12:00:00.000001+05:30'", "'0001-01-01 00:00:00+00'"],
  },
  {
    type: 'INTERVAL',
    values: [
      "'0 days'",
      "'-1 month 1 day -1 microsecond'",
      "'2147483647 months'",
      "'-2147483648 days'",
      'to_microseconds(9223372036854775)',
      'to_microseconds(-9223372036854775)',
    ],
  },
  { type: 'GEOMETRY', values: ["'POINT(1 2)'", "'LINESTRING(0 0, 1 1, 2 3)'"] },
  { type: "ENUM('b', 'a', 'it''s', '')", values: ["'b'", "'it''s'", "''"] },
  { type: 'INTEGER[]', values: ['[]', '[1]', '[NULL, 2, NULL]', 'range(100)'] },
  { type: 'VARCHAR[][]', values: ['[]', "[['a', 'a text beyond twelve bytes'], NULL, []]", "[['x']]"] },
  { type: 'INTEGER[3]', values: ['[1, NULL, 3]', '[NULL, NULL, NULL]'] },
  { type: 'VARCHAR[2][2]', values: ["[['a', 'b'], ['c', NULL]]", "[NULL, ['a text beyond twelve bytes', '']]"] },
  {
    type: 'STRUCT(a INTEGER, "B c" VARCHAR, d UUID[])',
    values: [
      "{'a': 1, 'B c': 'a text beyond twelve bytes', 'd': ['01234567-89ab-cdef-0123-456789abcdef']}",
      "{'a': NULL, 'B c': NULL, 'd': []}",
    ],
  },
  { type: 'MAP(VARCHAR, DECIMAL(10,2))', values: ['MAP {}', "MAP {'k': 1.25, 'a key beyond twelve bytes': NULL}"] },
  {
    type: 'UNION(num INTEGER, str VARCHAR, list INTEGER[])',
    values: [
      'union_value(num := 7)',
      "union_value(str := 'a text beyond twelve bytes')",
      'union_value(list := [1, NULL])',
      'union_value(num := NULL)',
    ],
  },
  {
    type: "STRUCT(m MAP(INTEGER, STRUCT(x HUGEINT, y BIT)), e ENUM('p', 'q')[])",
    values: ["{'m': MAP {1: {'x': 170141183460469231731687303715884105727, 'y': '101'::BIT}}, 'e': ['q', NULL, 'p']}"],
  },
];
