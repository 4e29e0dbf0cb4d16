import { type DataType, dataTypes, type Field, field, TypeId } from '@millrace/core';
import { toDuckDbType } from '../../src/type-mapping/to-duckdb-type.ts';
import type { TestTable } from './tables.ts';

/** A column of one type, its values and constants to compare it with, both as SQL. */
export interface TypedColumn {
  readonly field: Field;
  readonly values: readonly string[];
  readonly constants: readonly string[];
  /** False where no comparison may reach a source. */
  readonly pushed: boolean;
}

function typed(
  name: string,
  type: DataType | { readonly type: DataType; readonly extension: string; readonly detail?: string },
  values: string,
  constants: string,
): TypedColumn {
  const list = (text: string): readonly string[] => text.split(' | ');
  const plain = 'extension' in type ? type.type : type;
  const metadata =
    'extension' in type
      ? new Map([
          ['ARROW:extension:name', type.extension],
          ...(type.detail === undefined ? [] : [['ARROW:extension:metadata', type.detail] as const]),
        ])
      : undefined;
  return {
    field: { ...field(name, plain), ...(metadata === undefined ? {} : { metadata }) },
    values: list(values),
    constants: list(constants),
    pushed: true,
  };
}

function kept(column: TypedColumn): TypedColumn {
  return { ...column, pushed: false };
}

const wide: DataType = { typeId: TypeId.Decimal, precision: 39, scale: 0, bitWidth: 256 };
const choice: DataType = {
  typeId: TypeId.Dictionary,
  dictionary: dataTypes.utf8(),
  indices: dataTypes.uint8(),
  id: 0,
  isOrdered: false,
};
const date64: DataType = { typeId: TypeId.Date, unit: 1 };
const half: DataType = { typeId: TypeId.Float, precision: 0 };

const recent = "'1969-12-31 23:59:59' | '1970-01-01' | '2024-01-31 12:00:00' | '2024-01-31 12:00:01'";
const moments = `${recent} | '0001-01-01'`;
const momentConstants =
  "TIMESTAMP '2024-01-31 12:00:00' | TIMESTAMP '2024-01-31 12:00:00.5' | TIMESTAMP '1969-12-31 23:59:58.999999' | DATE '2024-01-31' | TIMESTAMP_S '2024-01-31 12:00:01' | TIMESTAMP 'infinity'";
const instantConstants =
  "TIMESTAMPTZ '2024-01-31 12:00:00+00' | TIMESTAMPTZ '2024-01-31 13:00:00.25+01' | TIMESTAMPTZ '-infinity' | '1970-01-01 00:00:00+00'";
const integerConstants =
  '0 | 1 | -1 | 7.5 | -0.25 | 200 | 40000::BIGINT | 3::DOUBLE | 1e300 | 9007199254740993 | 7::HUGEINT';

/** A column of every type with filters worth pushing, and some that must stay. */
export const TYPED_COLUMNS: readonly TypedColumn[] = [
  typed('i8', dataTypes.int8(), '-128 | -1 | 0 | 1 | 7 | 127', integerConstants),
  typed('u8', dataTypes.uint8(), '0 | 1 | 7 | 8 | 200 | 255', integerConstants),
  typed('i16', dataTypes.int16(), '-32768 | -1 | 0 | 7 | 8 | 32767', integerConstants),
  typed('u16', dataTypes.uint16(), '0 | 7 | 8 | 40000 | 65535', integerConstants),
  typed('i32', dataTypes.int32(), '-2147483648 | -1 | 0 | 7 | 8 | 200 | 2147483647', integerConstants),
  typed('u32', dataTypes.uint32(), '0 | 7 | 8 | 200 | 4294967295', integerConstants),
  typed(
    'i64',
    dataTypes.int64(),
    '-9223372036854775808 | -1 | 0 | 9007199254740992 | 9007199254740993 | 9223372036854775807',
    `${integerConstants} | 9223372036854775807 | -9223372036854775808 | 9007199254740993::DOUBLE`,
  ),
  typed(
    'u64',
    dataTypes.uint64(),
    '0 | 7 | 9007199254740993 | 18446744073709551615',
    `${integerConstants} | 18446744073709551615`,
  ),
  typed(
    'i128',
    { type: wide, extension: 'millrace.hugeint' },
    '-170141183460469231731687303715884105727 | -1 | 0 | 9007199254740993 | 170141183460469231731687303715884105727',
    '0 | -1 | 9007199254740993 | 170141183460469231731687303715884105727 | -170141183460469231731687303715884105727',
  ),
  typed(
    'u128',
    { type: wide, extension: 'millrace.uhugeint' },
    "0 | 7 | '340282366920938463463374607431768211455'",
    "7::UHUGEINT | '340282366920938463463374607431768211455'",
  ),
  typed('f16', half, "0.5 | -1 | 'nan' | 'inf' | 0", '0.5 | 0.1 | 3'),
  typed(
    'f32',
    dataTypes.float32(),
    "0.5 | 0.1 | 'nan' | 'inf' | '-inf' | '-0.0' | 16777216",
    "0.1 | 0.5 | 'nan' | '-inf' | 16777217 | 0.1::DOUBLE | 3.4e38",
  ),
  typed(
    'f64',
    dataTypes.float64(),
    "0.5 | 0.1 | 'nan' | 'inf' | '-inf' | '-0.0' | 9007199254740993 | 5e-324",
    "0.1 | 'nan' | 'inf' | -0.0 | 0 | 5e-324 | 1e300 | 9007199254740993",
  ),
  typed(
    'd2',
    dataTypes.decimal(10, 2),
    '-1.23 | 0 | 1.23 | 1.24 | 99999999.99',
    '1.23 | 1.234 | 1 | -1.2300 | 1.23::DOUBLE | 123456789012.5 | 99999999.99',
  ),
  typed(
    'd5',
    dataTypes.decimal(38, 5),
    '-12345678901234567890123.12345 | 0 | 12345678901234567890123.12345 | 1.5',
    '12345678901234567890123.12345 | -12345678901234567890123.12345 | 1.5 | 2',
  ),
  typed(
    'text',
    dataTypes.utf8(),
    "'' | 'a' | 'A' | 'é' | '😀' | 'it''s' | 'a\"b\\c' | ':12345678901234567890,'",
    "'' | 'a' | 'é' | '😀' | 'it''s' | 'a\"b\\c' | ':12345678901234567890,' | 'NaN' | chr(10)",
  ),
  typed('longtext', dataTypes.largeUtf8(), "'' | 'a' | 'b'", "'a' | ''"),
  typed('labels', choice, "'' | 'a' | 'b'", "'a' | ''"),
  typed(
    'bytes',
    dataTypes.binary(),
    "'' | '\\x00\\xFF' | 'abc' | '\\x5C'",
    "'\\x00\\xFF'::BLOB | ''::BLOB | 'abc'::BLOB | '\\x5C\\x22\\x27'::BLOB",
  ),
  typed(
    'uid',
    { type: dataTypes.fixedSizeBinary(16), extension: 'arrow.uuid' },
    "'00000000-0000-0000-0000-000000000001' | 'ffffffff-ffff-ffff-ffff-ffffffffffff' | '7fffffff-0000-0000-0000-000000000000' | '80000000-0000-0000-0000-000000000000'",
    "'00000000-0000-0000-0000-000000000001'::UUID | 'ffffffff-ffff-ffff-ffff-ffffffffffff'::UUID | '80000000-0000-0000-0000-000000000000'::UUID",
  ),
  typed('flag', dataTypes.bool(), 'true | false', 'true | false'),
  typed(
    'day',
    dataTypes.date(),
    "'1969-12-31' | '1970-01-01' | '2024-01-31' | '2024-02-01' | '5000-01-01 (BC)' | 'infinity' | '-infinity'",
    "DATE '2024-01-31' | TIMESTAMP '2024-01-31' | TIMESTAMP '2024-01-31 00:00:01' | TIMESTAMP '1969-12-31 12:00:00' | DATE 'infinity' | TIMESTAMP 'infinity' | '1970-01-01'",
  ),
  typed('day64', date64, "'1970-01-01' | '2024-01-31'", "DATE '2024-01-31' | TIMESTAMP '2024-01-31 12:00:00'"),
  typed(
    't0',
    dataTypes.time(0),
    "'00:00:00' | '12:34:56' | '23:59:59'",
    "TIME '12:34:56' | TIME '12:34:56.5' | TIME '24:00:00'",
  ),
  typed(
    't6',
    dataTypes.time(),
    "'00:00:00' | '12:34:56.789' | '23:59:59.999999'",
    "TIME '12:34:56.789' | TIME '00:00:00'",
  ),
  typed('ts0', dataTypes.timestamp(0), moments, momentConstants),
  typed('ts3', dataTypes.timestamp(1), recent, `${momentConstants} | TIMESTAMP_NS '2024-01-31 12:00:00.000000001'`),
  typed(
    'ts6',
    dataTypes.timestamp(),
    `${moments} | 'infinity' | '-infinity' | '290000-01-01'`,
    `${momentConstants} | TIMESTAMP '290000-01-01'`,
  ),
  typed(
    'ts9',
    dataTypes.timestamp(3),
    `${recent} | '2024-01-31 12:00:00.000000001'`,
    `${momentConstants} | TIMESTAMP_NS '2024-01-31 12:00:00.000000001'`,
  ),
  typed('tz0', dataTypes.timestamp(0, 'UTC'), moments, instantConstants),
  typed('tz6', dataTypes.timestamp(2, 'Europe/Berlin'), moments, instantConstants),
  typed('doc', { type: dataTypes.utf8(), extension: 'arrow.json' }, "'{}' | '[1]'", "'{}' | '[1]'"),
  typed('kind', { type: choice, extension: 'millrace.enum', detail: '["z","a"]' }, "'z' | 'a'", "'a' | 'b'"),
  kept(typed('bits', { type: dataTypes.utf8(), extension: 'millrace.bit' }, "'101' | '1'", "'101'::BIT")),
  kept(
    typed(
      'clock',
      { type: dataTypes.utf8(), extension: 'millrace.timetz' },
      "'12:00:00+00' | '14:00:00+02'",
      "TIMETZ '12:00:00+00'",
    ),
  ),
  kept(typed('big', { type: dataTypes.utf8(), extension: 'millrace.bignum' }, '10 | 9', '9::BIGNUM')),
  kept(typed('span', dataTypes.interval(), 'INTERVAL 1 MONTH | INTERVAL 30 DAY | INTERVAL 2 DAY', 'INTERVAL 30 DAY')),
  kept(typed('list', dataTypes.list(dataTypes.int32()), '[1] | [2, 3]', '[1]')),
  kept(typed('tz9', dataTypes.timestamp(3, 'UTC'), "'2024-01-31 12:00:00+00'", "TIMESTAMPTZ '2024-01-31 12:00:00+00'")),
];

/** One table with every typed column; each value meets a NULL too. */
export const TYPED_TABLE: TestTable = {
  table: 'typed',
  rowCount: 9,
  schema: { fields: TYPED_COLUMNS.map((column) => column.field) },
  values: TYPED_COLUMNS.map(({ field: column, values }) => {
    const cases = values.map((value, index) => `WHEN ${index} THEN CAST(${value} AS ${toDuckDbType(column)})`);
    return `CASE r ${cases.join(' ')} END`;
  }),
};
