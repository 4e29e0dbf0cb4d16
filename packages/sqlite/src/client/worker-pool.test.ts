import { afterEach, describe, expect, test } from 'vitest';
import { type Lease, WorkerPool } from './worker-pool.ts';

const { signal: idle } = new AbortController();

describe('a pool of one thread', () => {
  const pools: WorkerPool[] = [];
  afterEach(async () => {
    await Promise.all(pools.splice(0).map((pool) => pool.close()));
  });

  /** Its file is opened by the first request, and there is none. */
  function open(): WorkerPool {
    const pool = new WorkerPool('nowhere.sqlite', 100, { maxWorkers: 1, file: 'own' });
    pools.push(pool);
    return pool;
  }
  const lease = (pool: WorkerPool, signal: AbortSignal = idle): Promise<Lease> => pool.lease('dataset orders', signal);

  test.each(['before its turn', 'in the moment of its turn'])('passes over who gave up %s', async (moment) => {
    const pool = open();
    const first = await lease(pool);
    const controller = new AbortController();
    const given = lease(pool, controller.signal);
    const next = lease(pool);
    if (moment === 'before its turn') controller.abort();
    first.finish();
    controller.abort();
    await expect(given).rejects.toMatchObject({ code: 'cancelled' });
    (await next).finish();
    expect(pool.freeCount).toBe(1);
  });

  test('serves who waits in the order of their coming', async () => {
    const pool = open();
    const first = await lease(pool);
    const served: number[] = [];
    const waiting = [1, 2, 3, 4].map(async (number) => {
      const own = await lease(pool);
      served.push(number);
      own.finish();
    });
    first.finish();
    await Promise.all(waiting);
    expect(served).toEqual([1, 2, 3, 4]);
  });

  test('begins nothing for who gave up while the thread was taken', async () => {
    const controller = new AbortController();
    let isBegun = false;
    const used = open().use('dataset orders', controller.signal, async () => {
      isBegun = true;
    });
    controller.abort();
    await expect(used).rejects.toMatchObject({ code: 'cancelled' });
    expect(isBegun).toBe(false);
  });

  test('wakes all who wait when it is closed', async () => {
    const pool = open();
    await lease(pool);
    const waiting = [lease(pool), lease(pool)];
    const ended = Promise.allSettled(waiting);
    await pool.close();
    for (const each of await ended) expect(each).toMatchObject({ reason: { code: 'invalid_state' } });
  });
});
