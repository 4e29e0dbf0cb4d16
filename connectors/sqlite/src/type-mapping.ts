import { type DataType, DateUnit, dataTypes, FloatPrecision, TimeUnit, TypeId } from '@millrace/core';
import type { ColumnCodec } from '@millrace/sqlite';

/** How a column of a declared type is read. */
export interface ColumnMapping {
  readonly type: DataType;
  readonly codec: ColumnCodec;
  /** Whether values that pass the codec compare at the source as they do in the engine. */
  readonly isComparable: boolean;
}

/** One row of the table of types. */
export interface TypeRule {
  /** The declared types, for the README. */
  readonly declared: string;
  /** What the values must be, for the README. */
  readonly values: string;
  /** How far filters on such columns go, for the README. */
  readonly pushed: 'yes' | 'no' | 'whole days' | 'up to 15 digits';
  readonly matches: (type: DeclaredType) => boolean;
  readonly map: (type: DeclaredType) => ColumnMapping;
}

/** A declared type in parts: `DECIMAL(10, 2)`. */
export interface DeclaredType {
  /** Upper case, single spaces, without what stands in parentheses. */
  readonly name: string;
  readonly precision?: number;
  readonly scale?: number;
}

/** Digits up to which a decimal and the double nearest to it tell one another. */
const EXACT_DIGITS = 15;

const NUMERIC_NAMES: ReadonlySet<string> = new Set(['NUMERIC', 'DECIMAL', 'DEC', 'NUMBER', 'MONEY', 'NUM']);

const named =
  (...names: readonly string[]) =>
  ({ name }: DeclaredType): boolean =>
    names.includes(name);
const containing =
  (...parts: readonly string[]) =>
  ({ name }: DeclaredType): boolean =>
    parts.some((part) => name.includes(part));
const always = (mapping: ColumnMapping) => (): ColumnMapping => mapping;

/**
 * Which declared type is read as what; the first rule that matches counts. Behind the names that stand for values of their own come
 * SQLite's own rules of affinity, in their order.
 *
 * Source: https://www.sqlite.org/datatype3.html, section 3.1
 */
export const TYPE_RULES: readonly TypeRule[] = [
  {
    declared: 'none, `ANY`',
    values: 'texts, and numbers as text',
    pushed: 'no',
    matches: named('', 'ANY'),
    map: always({ type: dataTypes.utf8(), codec: { kind: 'any_text' }, isComparable: false }),
  },
  {
    declared: '`BOOLEAN`, `BOOL`',
    values: '0 and 1',
    pushed: 'yes',
    matches: named('BOOLEAN', 'BOOL'),
    map: always({ type: dataTypes.bool(), codec: { kind: 'bool' }, isComparable: true }),
  },
  {
    declared: '`DATE`',
    values: 'texts `YYYY-MM-DD`',
    pushed: 'yes',
    matches: named('DATE'),
    map: always({ type: dataTypes.date(), codec: { kind: 'date' }, isComparable: true }),
  },
  {
    declared: '`TIME`',
    values: 'texts `HH:MM`, `HH:MM:SS`, with up to six digits of a fraction',
    pushed: 'no',
    matches: named('TIME'),
    map: always({ type: dataTypes.time(), codec: { kind: 'time' }, isComparable: false }),
  },
  {
    declared: '`DATETIME`, `TIMESTAMP`',
    values: 'texts of a date and perhaps a time behind a space or `T`, without an offset',
    pushed: 'whole days',
    matches: named('DATETIME', 'TIMESTAMP'),
    map: always({
      type: dataTypes.timestamp(),
      codec: { kind: 'timestamp', hasZone: false },
      isComparable: false,
    }),
  },
  {
    declared: '`TIMESTAMPTZ`, `TIMESTAMP WITH TIME ZONE`, `DATETIMETZ`',
    values: 'texts of a date and a time that end in `Z` or an offset `±HH:MM`',
    pushed: 'whole days',
    matches: named('TIMESTAMPTZ', 'TIMESTAMP WITH TIME ZONE', 'DATETIMETZ'),
    map: always({
      type: dataTypes.timestamp(TimeUnit.Microsecond, 'UTC'),
      codec: { kind: 'timestamp', hasZone: true },
      isComparable: false,
    }),
  },
  {
    declared: '`DECIMAL(p, s)`, `NUMERIC(p, s)`, `DEC`, `NUMBER`, `MONEY` with p up to 38',
    values: 'integers, and reals that are the nearest to a decimal of s digits behind the point',
    pushed: 'up to 15 digits',
    matches: ({ name, precision = 0, scale = 0 }) =>
      NUMERIC_NAMES.has(name) && precision >= 1 && precision <= 38 && scale <= precision,
    map: ({ precision = 1, scale = 0 }) => ({
      type: dataTypes.decimal(precision, scale),
      codec: { kind: 'decimal', precision, scale },
      isComparable: precision <= EXACT_DIGITS,
    }),
  },
  {
    declared: '`NUMERIC`, `DECIMAL`, `DEC`, `NUMBER`, `MONEY` otherwise',
    values: 'reals, and integers that a double holds',
    pushed: 'yes',
    matches: ({ name }) => NUMERIC_NAMES.has(name),
    map: always({ type: dataTypes.float64(), codec: { kind: 'float' }, isComparable: true }),
  },
  {
    declared: '`BINARY`, `VARBINARY`',
    values: 'blobs',
    pushed: 'yes',
    matches: named('BINARY', 'VARBINARY'),
    map: always({ type: dataTypes.binary(), codec: { kind: 'binary' }, isComparable: true }),
  },
  {
    declared: 'what contains `INT`',
    values: 'integers',
    pushed: 'yes',
    matches: containing('INT'),
    map: always({
      type: dataTypes.int64(),
      codec: { kind: 'int', bitWidth: 64, isSigned: true },
      isComparable: true,
    }),
  },
  {
    declared: 'what contains `CHAR`, `CLOB` or `TEXT`',
    values: 'texts',
    pushed: 'yes',
    matches: containing('CHAR', 'CLOB', 'TEXT'),
    map: always({ type: dataTypes.utf8(), codec: { kind: 'text' }, isComparable: true }),
  },
  {
    declared: 'what contains `BLOB`',
    values: 'blobs',
    pushed: 'yes',
    matches: containing('BLOB'),
    map: always({ type: dataTypes.binary(), codec: { kind: 'binary' }, isComparable: true }),
  },
  {
    declared: 'what contains `REAL`, `FLOA` or `DOUB`',
    values: 'reals, and integers that a double holds',
    pushed: 'yes',
    matches: containing('REAL', 'FLOA', 'DOUB'),
    map: always({ type: dataTypes.float64(), codec: { kind: 'float' }, isComparable: true }),
  },
  {
    declared: 'any other (`JSON`, `UUID`, `STRING`, …)',
    values: 'texts, and numbers as text',
    pushed: 'no',
    matches: () => true,
    map: always({ type: dataTypes.utf8(), codec: { kind: 'any_text' }, isComparable: false }),
  },
];

/** Reads a declared type as SQLite keeps it: any words, perhaps with numbers in parentheses. */
export function parseDeclaredType(text: string): DeclaredType {
  const match = /\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\)/.exec(text);
  return {
    name: text
      .replace(/\([^)]*\)/g, ' ')
      .replace(/\s+/g, ' ')
      .trim()
      .toUpperCase(),
    ...(match && { precision: Number(match[1]), ...(match[2] !== undefined && { scale: Number(match[2]) }) }),
  };
}

/** How a column of a declared type is read. */
export function fromSqliteType(declared: string): ColumnMapping {
  const type = parseDeclaredType(declared);
  return TYPE_RULES.find((rule) => rule.matches(type))!.map(type);
}

/** The codec that reads a column as a type that the user declared; undefined where there is none. */
export function codecOf(type: DataType): ColumnCodec | undefined {
  switch (type.typeId) {
    case TypeId.Int:
      return { kind: 'int', bitWidth: (type.bitWidth ?? 64) as 8 | 16 | 32 | 64, isSigned: type.isSigned ?? true };
    case TypeId.Float:
      return type.precision === FloatPrecision.Double ? { kind: 'float' } : undefined;
    case TypeId.Bool:
      return { kind: 'bool' };
    case TypeId.Utf8:
      return { kind: 'any_text' };
    case TypeId.Binary:
      return { kind: 'binary' };
    case TypeId.Date:
      return type.unit === DateUnit.Day ? { kind: 'date' } : undefined;
    case TypeId.Time:
      return type.unit === TimeUnit.Microsecond ? { kind: 'time' } : undefined;
    case TypeId.Timestamp:
      return type.unit === TimeUnit.Microsecond
        ? { kind: 'timestamp', hasZone: type.timezone !== null && type.timezone !== undefined }
        : undefined;
    case TypeId.Decimal:
      return (type.bitWidth ?? 128) === 128
        ? { kind: 'decimal', precision: type.precision ?? 38, scale: type.scale ?? 0 }
        : undefined;
    default:
      return undefined;
  }
}
