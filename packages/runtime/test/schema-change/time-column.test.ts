import { type DataType, dataTypes, TimeUnit } from '@millrace/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { read, SchemaChangeFixture } from './fixture.ts';

const { float64, int32, int64, timestamp } = dataTypes;
const SECOND = 1_000_000_000n;
const START = 1_700_000_000n;

describe('a copy that is appended to by a column which gets another type', () => {
  let fixture: SchemaChangeFixture;

  beforeEach(async () => {
    fixture = await SchemaChangeFixture.open('duckdb');
  });
  afterEach(async () => {
    await fixture[Symbol.asyncDispose]();
  });

  /** Rows 1, 2 and so on, a second apart. */
  function put(type: DataType, count: number, toValue: (second: bigint) => unknown): void {
    const rows = Array.from({ length: count }, (_, index) => [index + 1, toValue(START + BigInt(index))]);
    fixture.put(
      [
        ['id', int32()],
        ['at', type],
      ],
      rows,
    );
  }

  it.each<[string, DataType, (second: bigint) => unknown, DataType, (second: bigint) => unknown]>([
    ['fewer digits', timestamp(TimeUnit.Nanosecond), nanoseconds, timestamp(), microseconds],
    ['more digits', timestamp(), microseconds, timestamp(TimeUnit.Nanosecond), nanoseconds],
    ['whole numbers', float64(), (second) => Number(second) + 0.5, int64(), (second) => second],
  ])('goes on by it: %s', async (_, before, toBefore, after, toAfter) => {
    put(before, 1, toBefore);
    const isNumber = before.typeId === float64().typeId;
    const runtime = await fixture.open(
      { engine: 'duckdb', refresh_mode: 'append' },
      { on_schema_change: 'sync_all_columns', time_column: 'at', ...(isNumber ? { time_format: 'unix_seconds' } : {}) },
    );
    expect(runtime.datasets()[0]?.newestAtMs).toBe(Number(START) * 1_000 + (isNumber ? 500 : 0));
    for (const count of [2, 3]) {
      put(after, count, toAfter);
      await runtime.refresh('orders');
      expect(await read(runtime, 'SELECT id FROM orders ORDER BY id')).toEqual(
        Array.from({ length: count }, (_, index) => ({ id: index + 1 })),
      );
      expect(runtime.datasets()[0]?.newestAtMs).toBe((Number(START) + count - 1) * 1_000);
    }
  });

  it('tells of itself where it is found again and may not change', async () => {
    put(float64(), 1, (second) => Number(second) + 0.5);
    const dataset = [
      { engine: 'duckdb', mode: 'file', refresh_mode: 'append' },
      { time_column: 'at', time_format: 'unix_seconds' },
    ] as const;
    await (await fixture.open(...dataset)).close();
    put(int64(), 2, (second) => second);
    const runtime = await fixture.open(...dataset);
    await expect(runtime.refresh('orders')).rejects.toMatchObject({ code: 'schema_mismatch' });
    expect(runtime.datasets()[0]).toMatchObject({ state: 'error', rowCount: 1n, lastErrorCode: 'schema_mismatch' });
  });
});

function nanoseconds(second: bigint): bigint {
  return second * SECOND;
}

function microseconds(second: bigint): bigint {
  return second * 1_000_000n;
}
