import * as arrow21 from 'apache-arrow';
import * as arrow17 from 'apache-arrow-17';
import { describe, expect, test } from 'vitest';
import {
  type DataType,
  DateUnit,
  dataTypes,
  FloatPrecision,
  field,
  IntervalUnit,
  TimeUnit,
  TypeId,
  UnionMode,
} from '../src/index.ts';

// The two declare the same members here; one type for both keeps the table of cases single.
const versions = [
  ['21', arrow21, []],
  ['17', arrow17 as unknown as typeof arrow21, ['LargeList']],
] as const;

/** The members of core's type that the class must have too, with children reduced to names and types. */
function shapeOf(type: DataType, like: DataType): unknown {
  const shape = Object.keys(like)
    .filter((key) => key !== 'children')
    .map((key) => [key, (type as unknown as Record<string, unknown>)[key]]);
  const children = like.children?.map((child, index) => {
    const other = type.children?.[index];
    return [child.name, other?.name, other === undefined ? undefined : shapeOf(other.type, child.type)];
  });
  return { ...Object.fromEntries(shape), children };
}

describe.each(versions)('apache-arrow %s', (_, arrow, lacking) => {
  test('has the same numbers', () => {
    const known = Object.entries(TypeId).filter(([name]) => name in arrow.Type);
    expect(Object.keys(TypeId).length - known.length).toBe(lacking.length);
    for (const [name, id] of known) expect([name, arrow.Type[name as keyof typeof TypeId]]).toEqual([name, id]);
    expect(Object.values(TimeUnit)).toEqual([
      arrow.TimeUnit.SECOND,
      arrow.TimeUnit.MILLISECOND,
      arrow.TimeUnit.MICROSECOND,
      arrow.TimeUnit.NANOSECOND,
    ]);
    expect(Object.values(DateUnit)).toEqual([arrow.DateUnit.DAY, arrow.DateUnit.MILLISECOND]);
    expect(Object.values(UnionMode)).toEqual([arrow.UnionMode.Sparse, arrow.UnionMode.Dense]);
    expect(Object.values(FloatPrecision)).toEqual([
      arrow.Precision.HALF,
      arrow.Precision.SINGLE,
      arrow.Precision.DOUBLE,
    ]);
    expect([IntervalUnit.YearMonth, IntervalUnit.DayTime]).toEqual([
      arrow.IntervalUnit.YEAR_MONTH,
      arrow.IntervalUnit.DAY_TIME,
    ]);
  });

  const item = new arrow.Field('item', new arrow.Int32(), true);
  const entries = new arrow.Struct<{ key: InstanceType<typeof arrow.Utf8>; value: InstanceType<typeof arrow.Int32> }>([
    new arrow.Field('key', new arrow.Utf8(), false),
    new arrow.Field('value', new arrow.Int32(), true),
  ]);
  test.each<[string, DataType, DataType]>([
    ['null', dataTypes.null(), new arrow.Null()],
    ['bool', dataTypes.bool(), new arrow.Bool()],
    ['int8', dataTypes.int8(), new arrow.Int8()],
    ['int16', dataTypes.int16(), new arrow.Int16()],
    ['int32', dataTypes.int32(), new arrow.Int32()],
    ['int64', dataTypes.int64(), new arrow.Int64()],
    ['uint8', dataTypes.uint8(), new arrow.Uint8()],
    ['uint16', dataTypes.uint16(), new arrow.Uint16()],
    ['uint32', dataTypes.uint32(), new arrow.Uint32()],
    ['uint64', dataTypes.uint64(), new arrow.Uint64()],
    ['float32', dataTypes.float32(), new arrow.Float32()],
    ['float64', dataTypes.float64(), new arrow.Float64()],
    ['decimal', dataTypes.decimal(38, 4), new arrow.Decimal(4, 38, 128)],
    ['wide decimal', dataTypes.decimal(50, 4), new arrow.Decimal(4, 50, 256)],
    ['utf8', dataTypes.utf8(), new arrow.Utf8()],
    ['large utf8', dataTypes.largeUtf8(), new arrow.LargeUtf8()],
    ['binary', dataTypes.binary(), new arrow.Binary()],
    ['large binary', dataTypes.largeBinary(), new arrow.LargeBinary()],
    ['fixed-size binary', dataTypes.fixedSizeBinary(16), new arrow.FixedSizeBinary(16)],
    ['date', dataTypes.date(), new arrow.DateDay()],
    ['time in ms', dataTypes.time(TimeUnit.Millisecond), new arrow.TimeMillisecond()],
    ['time in µs', dataTypes.time(), new arrow.TimeMicrosecond()],
    ['timestamp', dataTypes.timestamp(TimeUnit.Nanosecond), new arrow.TimestampNanosecond(null)],
    ['timestamp in UTC', dataTypes.timestamp(TimeUnit.Microsecond, 'UTC'), new arrow.TimestampMicrosecond('UTC')],
    ['duration', dataTypes.duration(), new arrow.DurationMicrosecond()],
    ['list', dataTypes.list(dataTypes.int32()), new arrow.List(item)],
    ['fixed-size list', dataTypes.fixedSizeList(dataTypes.int32(), 3), new arrow.FixedSizeList(3, item)],
    ['struct', dataTypes.struct([field('item', dataTypes.int32())]), new arrow.Struct([item])],
    [
      'map',
      dataTypes.map(dataTypes.utf8(), dataTypes.int32()),
      new arrow.Map_(new arrow.Field('entries', entries, false)),
    ],
  ])('describes %s as core does', (_name, ours, theirs) => {
    expect(shapeOf(theirs, ours)).toEqual(shapeOf(ours, ours));
  });
});
