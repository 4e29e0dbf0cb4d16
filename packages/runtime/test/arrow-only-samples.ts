import { type DataType, DateUnit, dataTypes, FloatPrecision, field, TimeUnit, TypeId } from '@millrace/core';

/**
 * A type that Arrow has and DuckDB does not, or has in another unit or width, with values in the form of the builders. A result
 * shows them in the engine's type, so that a time of milliseconds comes back in microseconds, unchanged.
 */
export interface ArrowOnlySample {
  readonly title: string;
  readonly type: DataType;
  readonly values: readonly unknown[];
  /** What a result shows; default what the source's batch shows. */
  readonly shown?: readonly unknown[];
}

export const ARROW_ONLY_SAMPLES: readonly ArrowOnlySample[] = [
  { title: 'null', type: dataTypes.null(), values: [null] },
  { title: 'large utf8', type: dataTypes.largeUtf8(), values: ['', 'a', 'žluťoučký kůň 🐎'] },
  { title: 'large binary', type: dataTypes.largeBinary(), values: [new Uint8Array(), Uint8Array.of(0, 255)] },
  { title: 'fixed-size binary', type: dataTypes.fixedSizeBinary(3), values: [Uint8Array.of(0, 128, 255)] },
  {
    title: 'half float',
    type: { typeId: TypeId.Float, precision: FloatPrecision.Half },
    values: [0.5, Number.NaN, Number.POSITIVE_INFINITY],
  },
  {
    title: 'date in milliseconds',
    type: { typeId: TypeId.Date, unit: DateUnit.Millisecond },
    values: ['1969-12-31', '9999-12-31'],
  },
  { title: 'time in seconds', type: dataTypes.time(TimeUnit.Second), values: ['00:00:00', '23:59:59'] },
  {
    title: 'time in milliseconds',
    type: dataTypes.time(TimeUnit.Millisecond),
    values: ['23:59:59.999'],
    shown: ['23:59:59.999000'],
  },
  {
    title: 'timestamp in seconds, UTC',
    type: dataTypes.timestamp(TimeUnit.Second, 'UTC'),
    values: ['1969-12-31T23:59:59Z'],
  },
  {
    title: 'timestamp in milliseconds, UTC',
    type: dataTypes.timestamp(TimeUnit.Millisecond, 'UTC'),
    values: ['2024-02-29T12:00:00.001Z'],
    shown: ['2024-02-29T12:00:00.001000Z'],
  },
  {
    title: 'duration',
    type: dataTypes.duration(),
    values: [0n, -1n, 86_400_000_001n],
    shown: [0n, -1_000n, 86_400_000_001_000n].map((nanoseconds) => ({ months: 0, days: 0, nanoseconds })),
  },
  {
    title: 'large list',
    type: { typeId: TypeId.LargeList, children: [field('item', dataTypes.int64())] },
    values: [[], [1n, null, 9007199254740993n]],
  },
];
