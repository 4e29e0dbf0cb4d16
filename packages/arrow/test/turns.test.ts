import { dataTypes, field } from '@millrace/core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  batchFromRows,
  createBreather,
  rowArraysFromBatch,
  takeRows,
  takeRowsInTurns,
  turnAgeMs,
} from '../src/index.ts';

describe('turns of the event loop', () => {
  let now = 0;
  afterEach(async () => {
    vi.restoreAllMocks();
    await new Promise(setImmediate);
  });

  /** From here on time passes by what a test says alone. */
  async function holdTime(): Promise<void> {
    await new Promise(setImmediate);
    vi.spyOn(performance, 'now').mockImplementation(() => now);
  }

  it('have an age from the first call on, and the next one begins anew', async () => {
    await holdTime();
    now = 100;
    expect(turnAgeMs()).toBe(0);
    now = 107;
    expect(turnAgeMs()).toBe(7);
    await Promise.resolve();
    expect(turnAgeMs()).toBe(7);
    await new Promise(setImmediate);
    expect(turnAgeMs()).toBe(0);
  });

  it('are shared by computations, which give way together', async () => {
    await holdTime();
    const { signal } = new AbortController();
    const [first, second] = [createBreather('first', signal), createBreather('second', signal)];
    expect(first.breathe()).toBeUndefined();
    now += 1.5;
    expect(second.breathe()).toBeUndefined();
    now += 1;
    const waits = [second.breathe(), first.breathe()];
    expect(waits).not.toContain(undefined);
    await Promise.all(waits);
    expect(first.breathe()).toBeUndefined();
  });

  it('end a computation that was cancelled', async () => {
    await holdTime();
    const controller = new AbortController();
    const breather = createBreather('orders', controller.signal);
    breather.breathe();
    now += 10;
    const wait = breather.breathe();
    controller.abort();
    await expect(wait).rejects.toMatchObject({ code: 'cancelled' });
    expect(() => breather.breathe()).toThrow(expect.objectContaining({ code: 'cancelled' }));
  });

  it('come between the columns of rows that are gathered, which are the same rows', async () => {
    const schema = { fields: [field('id', dataTypes.int32()), field('note', dataTypes.utf8())] };
    const batch = batchFromRows(
      schema,
      Array.from({ length: 100 }, (_, row) => [row, row % 3 === 0 ? null : `note ${row}`]),
    );
    let breathCount = 0;
    const breather = {
      breathe: () => {
        breathCount += 1;
        return undefined;
      },
    };
    const rows = Uint32Array.of(7, 3, 99, 3, 0);
    const taken = await takeRowsInTurns(batch, rows, breather);
    expect([...rowArraysFromBatch(taken)]).toEqual([...rowArraysFromBatch(takeRows(batch, rows))]);
    expect(breathCount).toBe(schema.fields.length);
    await expect(takeRowsInTurns(batch, [100], breather)).rejects.toThrow(RangeError);
  });
});
