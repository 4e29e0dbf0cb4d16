/**
 * Arrow's logical types, described structurally.
 *
 * The classes of apache-arrow (any version since 15) satisfy these interfaces, and so do plain objects: core never
 * imports apache-arrow, and two copies of it in one process never meet an `instanceof`.
 *
 * Source: https://arrow.apache.org/docs/format/Columnar.html and Schema.fbs; the numbers are apache-arrow's `Type` enum.
 */
export const TypeId = {
  Null: 1,
  Int: 2,
  Float: 3,
  Binary: 4,
  Utf8: 5,
  Bool: 6,
  Decimal: 7,
  Date: 8,
  Time: 9,
  Timestamp: 10,
  Interval: 11,
  List: 12,
  Struct: 13,
  Union: 14,
  FixedSizeBinary: 15,
  FixedSizeList: 16,
  Map: 17,
  Duration: 18,
  LargeBinary: 19,
  LargeUtf8: 20,
  LargeList: 21,
  Dictionary: -1,
} as const;

/** The unit of a time, timestamp or duration; the numbers are those of Arrow's `TimeUnit`. */
export const TimeUnit = { Second: 0, Millisecond: 1, Microsecond: 2, Nanosecond: 3 } as const;

/** The unit of a date: days since 1970-01-01, or milliseconds since then in whole days. */
export const DateUnit = { Day: 0, Millisecond: 1 } as const;

/** The unit of an interval; `MonthDayNano` is 16 bytes: int32 months, int32 days, int64 nanoseconds. */
export const IntervalUnit = { YearMonth: 0, DayTime: 1, MonthDayNano: 2 } as const;

/** The layout of a union: one child value a row (`Sparse`), or an offset into the child (`Dense`). */
export const UnionMode = { Sparse: 0, Dense: 1 } as const;

/** The width of a floating-point number; the numbers are those of Arrow's `Precision`. */
export const FloatPrecision = { Half: 0, Single: 1, Double: 2 } as const;

/**
 * One logical type. Which of the optional members carry meaning follows from `typeId`.
 *
 * A flat interface, and not a tagged union, because apache-arrow types its `typeId` as an enum and declares its classes
 * one by one; both they and plain objects are assignable to this one.
 */
export interface DataType {
  /** One of {@link TypeId}. Narrow integer ids that apache-arrow uses as generics never appear at run time. */
  readonly typeId: number;
  /** Int: 8, 16, 32 or 64. Time: 32 or 64. Decimal: 128 or 256 (128 where absent). */
  readonly bitWidth?: number;
  /** Int. */
  readonly isSigned?: boolean;
  /** Float: one of {@link FloatPrecision}. Decimal: total digits, 1 to 38 (76 for 256 bits). */
  readonly precision?: number;
  /** Decimal: digits behind the point. */
  readonly scale?: number;
  /** Date, Time, Timestamp, Duration, Interval: one of the unit tables above. */
  readonly unit?: number;
  /** Timestamp: an IANA zone or `UTC` when the values are instants; null or absent when they are wall-clock times. */
  readonly timezone?: string | null | undefined;
  /** FixedSizeBinary: bytes a value. */
  readonly byteWidth?: number;
  /** FixedSizeList: values a row. */
  readonly listSize?: number;
  /** Map. */
  readonly keysSorted?: boolean;
  /** Union: one of {@link UnionMode}. */
  readonly mode?: number;
  /** Union: the id of each child, in order. */
  readonly typeIds?: ArrayLike<number>;
  /** List, LargeList, FixedSizeList: one. Map: one struct of key and value. Struct, Union: all. Otherwise absent. */
  readonly children?: readonly Field[] | null;
  /** Dictionary: the integer type of the indices. */
  readonly indices?: DataType;
  /** Dictionary: the type of the values. */
  readonly dictionary?: DataType;
  /** Dictionary: the id that ties batches to their dictionary in IPC. */
  readonly id?: number;
  /** Dictionary. */
  readonly isOrdered?: boolean;
}

/** One named column of a schema, or one child of a nested type. */
export interface Field {
  readonly name: string;
  readonly type: DataType;
  /** False promises that the column holds no nulls; an engine may rely on it. */
  readonly nullable: boolean;
  readonly metadata?: ReadonlyMap<string, string>;
}

/** The columns of a table in order. Names are unique in a table; a query's result may repeat them. */
export interface Schema {
  readonly fields: readonly Field[];
  readonly metadata?: ReadonlyMap<string, string>;
}
