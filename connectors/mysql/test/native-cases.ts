import type { NativeCase } from '@millrace/conformance';
import { type DataType, dataTypes, TimeUnit } from '@millrace/core';

const HOUR = 3_600_000_000n;

function nullable(type: DataType): { readonly type: DataType; readonly nullable: true } {
  return { type, nullable: true };
}

/** Types of MySQL and MariaDB alone. */
export const NATIVE_CASES: readonly NativeCase[] = [
  {
    check: 53,
    declaration: 'CHAR(5)',
    literals: ["'ab'", "'ab  '", "' a'", "''"],
    expected: { field: nullable(dataTypes.utf8()), values: ['ab', 'ab', ' a', ''] },
  },
  {
    check: 55,
    declaration: 'TINYINT(1)',
    literals: ['0', '1', '2', '-1', 'NULL'],
    expected: { field: nullable(dataTypes.int8()), values: [0, 1, 2, -1, null] },
  },
  {
    check: 56,
    declaration: 'DATE NOT NULL',
    literals: ["'0000-00-00'", "'2024-02-29'"],
    expected: { field: nullable(dataTypes.date()), values: [null, '2024-02-29'] },
  },
  {
    check: 56,
    declaration: 'DATETIME NOT NULL',
    literals: ["'0000-00-00 00:00:00'"],
    parameters: { mysql_zero_date_behavior: 'error' },
    expected: { code: 'invalid_data' },
  },
  {
    check: 57,
    declaration: 'TIME(6)',
    literals: ["'838:59:59.999999'", "'-838:59:59.999999'", 'NULL'],
    expected: {
      field: nullable(dataTypes.duration(TimeUnit.Microsecond)),
      values: [839n * HOUR - 1n, 1n - 839n * HOUR, null],
    },
  },
  {
    check: 60,
    declaration: 'BIT(9)',
    literals: ["b'101'", "b'111111111'", 'NULL'],
    expected: { field: nullable(dataTypes.uint64()), values: [5n, 511n, null] },
  },
  {
    check: 60,
    declaration: 'YEAR',
    literals: ['1901', '2155', '0'],
    expected: { field: nullable(dataTypes.int16()), values: [1901, 2155, 0] },
  },
  {
    check: 60,
    declaration: 'POINT',
    literals: ["ST_GeomFromText('POINT(1 2)')"],
    expected: { code: 'unsupported_type' },
  },
];
