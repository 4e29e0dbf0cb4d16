import { type DataType, DateUnit, type Field, FloatPrecision, IntervalUnit, TimeUnit, TypeId } from './data-type.ts';

/**
 * Plain-object builders of Arrow's logical types, for plugins that do not want apache-arrow at all.
 *
 * `field('id', dataTypes.int64())` and apache-arrow's `new Field('id', new Int64())` are the same to every reader.
 */
export const dataTypes = {
  null: (): DataType => ({ typeId: TypeId.Null }),
  bool: (): DataType => ({ typeId: TypeId.Bool }),
  int8: (): DataType => integer(8, true),
  int16: (): DataType => integer(16, true),
  int32: (): DataType => integer(32, true),
  int64: (): DataType => integer(64, true),
  uint8: (): DataType => integer(8, false),
  uint16: (): DataType => integer(16, false),
  uint32: (): DataType => integer(32, false),
  uint64: (): DataType => integer(64, false),
  float32: (): DataType => ({ typeId: TypeId.Float, precision: FloatPrecision.Single }),
  float64: (): DataType => ({ typeId: TypeId.Float, precision: FloatPrecision.Double }),
  /** `precision` digits in all (1 to 38), `scale` of them behind the point. */
  decimal: (precision: number, scale: number): DataType => ({
    typeId: TypeId.Decimal,
    precision,
    scale,
    bitWidth: precision > 38 ? 256 : 128,
  }),
  utf8: (): DataType => ({ typeId: TypeId.Utf8 }),
  largeUtf8: (): DataType => ({ typeId: TypeId.LargeUtf8 }),
  binary: (): DataType => ({ typeId: TypeId.Binary }),
  largeBinary: (): DataType => ({ typeId: TypeId.LargeBinary }),
  fixedSizeBinary: (byteWidth: number): DataType => ({ typeId: TypeId.FixedSizeBinary, byteWidth }),
  /** Days since 1970-01-01 as int32. */
  date: (): DataType => ({ typeId: TypeId.Date, unit: DateUnit.Day }),
  /** Time of day without a zone; 32 bits for seconds and milliseconds, 64 for finer units. */
  time: (unit: number = TimeUnit.Microsecond): DataType => ({
    typeId: TypeId.Time,
    unit,
    bitWidth: unit <= TimeUnit.Millisecond ? 32 : 64,
  }),
  /** Without a zone the values are wall-clock times; with one (`UTC` or an IANA name) they are instants. */
  timestamp: (unit: number = TimeUnit.Microsecond, timezone: string | null = null): DataType => ({
    typeId: TypeId.Timestamp,
    unit,
    timezone,
  }),
  duration: (unit: number = TimeUnit.Microsecond): DataType => ({ typeId: TypeId.Duration, unit }),
  interval: (): DataType => ({ typeId: TypeId.Interval, unit: IntervalUnit.MonthDayNano }),
  list: (item: DataType): DataType => ({ typeId: TypeId.List, children: [field('item', item)] }),
  fixedSizeList: (item: DataType, listSize: number): DataType => ({
    typeId: TypeId.FixedSizeList,
    listSize,
    children: [field('item', item)],
  }),
  struct: (children: readonly Field[]): DataType => ({ typeId: TypeId.Struct, children }),
  map: (key: DataType, value: DataType): DataType => ({
    typeId: TypeId.Map,
    keysSorted: false,
    children: [
      {
        name: 'entries',
        nullable: false,
        type: { typeId: TypeId.Struct, children: [{ name: 'key', type: key, nullable: false }, field('value', value)] },
      },
    ],
  }),
};

/** A nullable field; spread it with `nullable: false` to promise that no value is null. */
export function field(name: string, type: DataType): Field {
  return { name, type, nullable: true };
}

function integer(bitWidth: number, isSigned: boolean): DataType {
  return { typeId: TypeId.Int, bitWidth, isSigned };
}
