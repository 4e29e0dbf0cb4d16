import type { SourceKind } from './typed-source.ts';

/** A column in the words of each source that has a language of its own; the others have DuckDB's types. */
export interface TypedColumn {
  readonly name: string;
  readonly types: Readonly<Record<Exclude<SourceKind, 'file' | 'memory'>, string>> & { readonly duckdb: string };
  /** Values worth keeping exactly, as texts; bytes as hexadecimal digits. */
  readonly values: readonly string[];
}

const everywhere = (type: string): TypedColumn['types'] => ({
  postgres: type,
  mysql: type,
  sqlite: type,
  duckdb: type,
});

/** What all five sources can hold; `k` counts the rows, and `happened` never goes back. */
export const TYPED_COLUMNS: readonly TypedColumn[] = [
  { name: 'small', types: everywhere('SMALLINT'), values: ['-32768', '0', '32767'] },
  {
    name: 'whole',
    types: everywhere('BIGINT'),
    values: ['-9223372036854775808', '9007199254740993', '9223372036854775807'],
  },
  { name: 'price', types: everywhere('DECIMAL(12,2)'), values: ['-9999999999.99', '0.01', '1234567.10'] },
  {
    name: 'exact',
    // SQLite keeps no more than a double in a column of decimals.
    types: { ...everywhere('DECIMAL(38,10)'), sqlite: 'TEXT' },
    values: [
      '-9999999999999999999999999999.9999999999',
      '0.0000000001',
      '9999999999999999999999999999.9999999999',
      '1.5000000000',
    ],
  },
  {
    name: 'rough',
    types: { ...everywhere('DOUBLE'), postgres: 'DOUBLE PRECISION' },
    values: ['-1.7976931348623157e308', '0.1', '2.2250738585072014e-308', '1e21'],
  },
  { name: 'flag', types: everywhere('BOOLEAN'), values: ['1', '0'] },
  {
    name: 'note',
    types: { ...everywhere('TEXT'), duckdb: 'VARCHAR' },
    values: ['', 'žluťoučký kůň 🐎', 'it\'s \\ "quoted"\n', 'long '.repeat(800), ' spaces '],
  },
  {
    name: 'bytes',
    types: { postgres: 'BYTEA', mysql: 'LONGBLOB', sqlite: 'BLOB', duckdb: 'BLOB' },
    values: ['', '00ff', '00'.repeat(20), 'fe'.repeat(1_000)],
  },
  { name: 'day', types: everywhere('DATE'), values: ['1000-01-01', '1969-12-31', '2024-02-29', '9999-12-31'] },
  {
    name: 'clock',
    types: { ...everywhere('TIME'), mysql: 'TIME(6)' },
    values: ['00:00:00', '12:34:56.789012', '23:59:59.999999'],
  },
  {
    name: 'moment',
    types: { ...everywhere('TIMESTAMP'), mysql: 'DATETIME(6)' },
    values: ['1000-01-01 00:00:00', '1969-12-31 23:59:59.999999', '9999-12-31 23:59:59.999999'],
  },
  {
    name: 'instant',
    types: { ...everywhere('TIMESTAMPTZ'), mysql: 'TIMESTAMP(6) NULL' },
    values: ['1970-01-02 00:00:00+00:00', '2024-02-29 12:00:00.000001+00:00', '2037-12-31 23:59:59.999999+00:00'],
  },
];

/** The key and the time of each row, in front of the columns above. */
export const LEADING_COLUMNS: readonly Omit<TypedColumn, 'values'>[] = [
  { name: 'k', types: everywhere('BIGINT') },
  { name: 'happened', types: { ...everywhere('TIMESTAMP'), mysql: 'DATETIME(6)' } },
];

/** A value as text, or null. */
export type TypedValue = string | null;

/**
 * The rows from `start` on, before `end`. Every column takes its values in turn, each at another pace; each
 * seventh value is null. Three rows share a time.
 */
export function typedRows({ start, end }: { readonly start: number; readonly end: number }): readonly TypedValue[][] {
  return Array.from({ length: end - start }, (_, index) => {
    const k = start + index;
    const at = new Date(Date.UTC(2024, 0, 1) + Math.floor(k / 3) * 1_000).toISOString();
    const values = TYPED_COLUMNS.map((column, ordinal) =>
      (k + ordinal) % 7 === 6 ? null : column.values[Math.floor(k / (ordinal + 1)) % column.values.length]!,
    );
    return [String(k), `${at.slice(0, 10)} ${at.slice(11, 19)}.000001`, ...values];
  });
}
