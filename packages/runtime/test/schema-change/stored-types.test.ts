import { schemasEqual } from '@millrace/arrow';
import { type DataType, DateUnit, dataTypes, field, TimeUnit, TypeId } from '@millrace/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ENGINES, SchemaChangeFixture } from './fixture.ts';

const { decimal, duration, int32, list, struct, time, timestamp } = dataTypes;
const instant = timestamp(TimeUnit.Nanosecond, 'UTC');

/** Types that an engine may keep in another one, each with a value that no engine has trouble with. */
const ORDINARY: readonly (readonly [string, DataType, unknown])[] = [
  ['instants in ns', instant, 1_706_702_400_123_456_000n],
  ['clock times in s', timestamp(TimeUnit.Second), 1_706_702_400n],
  ['times in ns', time(TimeUnit.Nanosecond), 1_000n],
  ['dates in ms', { typeId: TypeId.Date, unit: DateUnit.Millisecond }, 86_400_000n],
  ['durations', duration(TimeUnit.Millisecond), 5n],
  ['decimals of 38 digits in 256 bits', { ...decimal(38, 2), bitWidth: 256 }, '1.25'],
  ['large texts', dataTypes.largeUtf8(), 'text'],
  ['half floats', { typeId: TypeId.Float, precision: 0 }, 0.5],
  ['texts by dictionary', { typeId: TypeId.Dictionary, indices: int32(), dictionary: dataTypes.utf8(), id: 1 }, 'a'],
  ['lists', list(instant), [1_706_702_400_123_456_000n]],
  ['structs', struct([field('at', instant)]), { at: 1_706_702_400_123_456_000n }],
];

/** Values that only an engine with the very type of the source can keep. */
const EXTREME: readonly (readonly [string, DataType, unknown])[] = [
  ['instants in ns', instant, 1_706_702_400_123_456_789n],
  ['clock times in s', timestamp(TimeUnit.Second), 9_000_000_000_000_000_000n],
  ['dates in ms', { typeId: TypeId.Date, unit: DateUnit.Millisecond }, 1n],
  ['durations in ns', duration(TimeUnit.Nanosecond), 1n],
];

describe.each(ENGINES)('columns that %s keeps in types of its own', (engine) => {
  let fixture: SchemaChangeFixture;

  beforeEach(async () => {
    fixture = await SchemaChangeFixture.open(engine);
  });
  afterEach(async () => {
    await fixture[Symbol.asyncDispose]();
  });

  it('have them from registration on: before the first load, after it, and in results', async () => {
    const fields = ORDINARY.map(([, type], ordinal) => field(`c${ordinal}`, type));
    fixture.put(fields, []);
    const runtime = await fixture.start({ datasets: [fixture.dataset({ engine })] });
    const before = runtime.datasets()[0]?.schema;
    await runtime.ready();
    fixture.put(fields, [ORDINARY.map(([, , value]) => value)]);
    await runtime.refresh('orders');
    const after = runtime.datasets()[0];
    expect(after).toMatchObject({ state: 'ready', rowCount: 1n });
    expect(before && after?.schema && schemasEqual(before, after.schema)).toBe(true);
    expect(await (await runtime.sql('SELECT * FROM orders')).toRows()).toHaveLength(1);
  });

  it.each(EXTREME)('fail at the refresh, by name, with %s that they cannot hold', async (_, type, value) => {
    fixture.put([field('v', type)], []);
    const runtime = await fixture.start({ datasets: [fixture.dataset({ engine })] });
    await runtime.ready();
    fixture.put([field('v', type)], [[value]]);
    const outcome = await runtime.refresh('orders').then(
      () => undefined,
      (error: unknown) => error,
    );
    if (outcome === undefined) {
      // It is there as it was: another column of the same value is the same.
      expect(runtime.datasets()[0]).toMatchObject({ state: 'ready', rowCount: 1n });
      return;
    }
    expect(outcome).toMatchObject({ code: 'invalid_data', message: expect.stringMatching(/\bv\b/) });
    expect(runtime.datasets()[0]).toMatchObject({ state: 'error', rowCount: 0n });
  });
});
