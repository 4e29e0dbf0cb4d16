import { type DataType, dataTypes, type LiteralValue } from '@millrace/core';

/** One column of the table over which expressions are compared. */
export interface SampleColumn {
  readonly name: string;
  readonly type: DataType;
  /** As SQLite declares it. */
  readonly sqliteType: string;
  readonly collation?: 'NOCASE' | 'RTRIM';
  /** Values of rows and of literals. */
  readonly values: readonly LiteralValue[];
  /** Further values of literals, which no row has. */
  readonly others?: readonly NonNullable<LiteralValue>[];
}

const TEXTS = [
  '',
  'a',
  'A',
  'a ',
  ' a',
  'b',
  'B',
  'ab',
  'aB',
  'ä',
  'Ä',
  'ß',
  'ss',
  'a%b',
  'a_b',
  'a\\b',
  "it's",
  '!%_#',
  'z',
  '~',
  '😀',
  '\n',
  null,
];

export const SAMPLE_COLUMNS: readonly SampleColumn[] = [
  { name: 'i', type: dataTypes.int32(), sqliteType: 'INTEGER', values: [-3, -1, 0, 1, 2, 7, 100, null], others: [5] },
  { name: 'j', type: dataTypes.int32(), sqliteType: 'INTEGER', values: [-3, 0, 1, 2, 9, null] },
  {
    name: 'b',
    type: dataTypes.int64(),
    sqliteType: 'INTEGER',
    values: [-(2n ** 53n) - 1n, -1n, 0n, 1n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 62n, null],
    others: [2n ** 63n - 1n, -(2n ** 63n)],
  },
  {
    name: 'f',
    type: dataTypes.float64(),
    sqliteType: 'REAL',
    values: [-1.5, 0, 0.1, 1, 1e300, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, null],
    others: [Number.NaN, -0, 5e-324],
  },
  { name: 'd', type: dataTypes.decimal(9, 2), sqliteType: 'NUMERIC', values: [-150n, 0n, 1n, 123n, 99999n, null] },
  { name: 'l', type: dataTypes.bool(), sqliteType: 'INTEGER', values: [true, false, null] },
  { name: 't', type: dataTypes.utf8(), sqliteType: 'TEXT', values: TEXTS },
  { name: 's', type: dataTypes.utf8(), sqliteType: 'TEXT', values: TEXTS },
  { name: 'n', type: dataTypes.utf8(), sqliteType: 'TEXT', collation: 'NOCASE', values: TEXTS },
  { name: 'r', type: dataTypes.utf8(), sqliteType: 'TEXT', collation: 'RTRIM', values: TEXTS },
  { name: 'odd "name', type: dataTypes.utf8(), sqliteType: 'TEXT', collation: 'NOCASE', values: TEXTS },
  { name: 'day', type: dataTypes.date(), sqliteType: 'INTEGER', values: [-1, 0, 1, 19_000, null] },
  {
    name: 'at',
    type: dataTypes.timestamp(),
    sqliteType: 'INTEGER',
    values: [-1n, 0n, 1_500_000n, 1_500_001n, 86_400_000_000n, null],
  },
];

export const ROW_COUNT = 97;

/** The rows: every column walks through its values in strides of its own, so that values meet in many ways. */
export function sampleRow(row: number): readonly LiteralValue[] {
  return SAMPLE_COLUMNS.map(
    ({ values }, index) => values[(row * (index + 3) + ((row * row) >> (index % 5))) % values.length]!,
  );
}
