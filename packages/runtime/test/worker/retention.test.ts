import { arrowAccelerator } from '@millrace/accelerator-arrow';
import { duckdbAccelerator } from '@millrace/accelerator-duckdb';
import { memoryConnector, memoryDatabase } from '@millrace/connector-memory';
import { type DataType, dataTypes, field } from '@millrace/core';
import { createRegistry } from '@millrace/core/registry';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AccelerationInput, createRuntime, type DatasetInput, type Runtime } from '../../src/index.ts';
import { ManualClock } from './manual-clock.ts';

const STORE = 'retention';
const HOUR = 3_600_000;

describe.each(['arrow', 'duckdb'])('retention in %s', (engine) => {
  const runtimes: Runtime[] = [];
  let clock: ManualClock;

  beforeEach(() => {
    clock = new ManualClock();
  });
  afterEach(async () => {
    await Promise.all(runtimes.splice(0).map((runtime) => runtime.close()));
  });

  /** Row 1 is from an hour ago, row 2 from two hours and so on; one row has no time. */
  function put(count: number, type: DataType, toValue: (instantMs: number) => unknown): void {
    memoryDatabase(STORE).put('a', {
      schema: { fields: [field('id', dataTypes.int32()), field('at', type)] },
      rows: [
        [0, null],
        ...Array.from({ length: count }, (_, index) => [index + 1, toValue(clock.now() - (index + 1) * HOUR)]),
      ],
    });
  }
  async function start(acceleration: AccelerationInput, dataset: Partial<DatasetInput> = {}): Promise<Runtime> {
    const runtime = await createRuntime({
      config: {
        datasets: [
          {
            from: 'memory:a',
            name: 'a',
            params: { memory_database: STORE },
            time_column: 'at',
            ...dataset,
            acceleration: {
              engine,
              retention_check_enabled: true,
              retention_check_interval: '10m',
              ...acceleration,
            },
          },
        ],
      },
      registry: createRegistry({ connectors: [memoryConnector], accelerators: [arrowAccelerator, duckdbAccelerator] }),
      clock,
    });
    runtimes.push(runtime);
    await runtime.ready();
    return runtime;
  }
  const ids = async (runtime: Runtime, where = 'true') =>
    (await (await runtime.sql(`SELECT id FROM a WHERE ${where} ORDER BY id`)).toRows()).map(({ id }) => id);
  const seconds = (instantMs: number) => BigInt(Math.round(instantMs / 1_000));

  it.each<[string, DataType, Partial<DatasetInput>, (instantMs: number) => unknown]>([
    ['timestamps', dataTypes.timestamp(), {}, (instantMs) => BigInt(instantMs) * 1_000n],
    ['numbers', dataTypes.int64(), { time_format: 'unix_seconds' }, seconds],
    ['texts', dataTypes.utf8(), {}, (instantMs) => new Date(instantMs).toISOString()],
  ])('removes rows that are older than the period (%s)', async (_, type, dataset, toValue) => {
    put(6, type, toValue);
    const runtime = await start({ retention_period: '3h 30m' }, dataset);
    const before = runtime.datasets()[0]?.refreshedAtMs;
    expect(await ids(runtime)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    clock.advance(HOUR / 6);
    await expect.poll(() => ids(runtime), { timeout: 60_000 }).toEqual([0, 1, 2, 3]);
    expect(runtime.datasets()[0]).toMatchObject({ state: 'ready', rowCount: 4n, refreshedAtMs: before });
    clock.advance(HOUR);
    await expect.poll(() => ids(runtime), { timeout: 60_000 }).toEqual([0, 1, 2]);
  });

  it('removes the rows of a condition, and either of both', async () => {
    put(6, dataTypes.timestamp(), (instantMs) => BigInt(instantMs) * 1_000n);
    const runtime = await start({
      retention_period: '4h 30m',
      retention_sql: 'delete from "a" WHERE id = 2 OR NULL -- the second;\n;',
    });
    clock.advance(HOUR / 6);
    await expect.poll(() => ids(runtime), { timeout: 60_000 }).toEqual([0, 1, 3, 4]);
  });

  it('keeps the watermark, so that an append goes on where it was', async () => {
    const toValue = (instantMs: number) => BigInt(instantMs) * 1_000n;
    put(6, dataTypes.timestamp(), toValue);
    const runtime = await start({ refresh_mode: 'append', retention_sql: 'DELETE FROM a WHERE id IN (1, 6)' });
    clock.advance(HOUR / 6);
    await expect.poll(() => ids(runtime), { timeout: 60_000 }).toEqual([0, 2, 3, 4, 5]);
    expect(await runtime.refresh('a')).toMatchObject({ mode: 'append', rowCount: 2n });
    expect(await ids(runtime)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('keeps what it has removed from coming back by the source', async () => {
    put(6, dataTypes.timestamp(), (instantMs) => BigInt(instantMs) * 1_000n);
    const runtime = await start({ retention_period: '3h 30m', on_zero_results: 'use_source' });
    clock.advance(HOUR / 6);
    await expect.poll(() => ids(runtime), { timeout: 60_000 }).toEqual([0, 1, 2, 3]);
    expect(await ids(runtime, 'id = 5')).toEqual([]);
  });

  it.each(['nothing = 1', 'id = 1) OR (true', 'id IN (SELECT x FROM b)', "id = 'x' AND"])(
    'is refused for the condition %s',
    async (condition) => {
      put(1, dataTypes.timestamp(), (instantMs) => BigInt(instantMs) * 1_000n);
      const attempt = start({ retention_sql: `DELETE FROM a WHERE ${condition}` });
      await expect(attempt).rejects.toMatchObject({ code: 'invalid_config' });
    },
  );
});
