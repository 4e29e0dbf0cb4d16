import { describe, expect, it } from 'vitest';
import { isSameCopy } from '../../src/config/same-copy.ts';
import { type AccelerationInput, type DatasetInput, loadConfig, type RefreshEvent } from '../../src/index.ts';
import { ManualClock } from '../worker/manual-clock.ts';
import { useChanges } from './changes-fixture.ts';

/** Seconds on a machine that does nothing else. */
const SLOW = { timeout: 300_000 };
const MINUTE_MS = 60_000;

describe('an update that changes nothing of the rows', SLOW, () => {
  const fixture = useChanges('kept-copies');
  const { dataset, rows, put, start } = fixture;
  const definition = (acceleration: AccelerationInput, changes: Partial<DatasetInput> = {}): DatasetInput =>
    dataset({ acceleration: { engine: 'arrow', ...acceleration }, ...changes });

  it('keeps the copy and tells the worker of its schedule', async () => {
    put(10);
    const clock = new ManualClock();
    const ended: RefreshEvent[] = [];
    let wake = () => {};
    const runtime = await start([definition({ refresh_check_interval: '1h' })], {
      clock,
      onRefreshEvent: (event) => {
        if (event.kind === 'refresh_finished') ended.push(event);
        wake();
      },
    });
    await runtime.ready();
    const until = async (count: number) => {
      while (ended.length < count)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      // What is planned behind the event is planned by then.
      await new Promise((resolve) => setImmediate(resolve));
    };
    await until(1);
    const status = () => runtime.datasets()[0];
    const { scanCount } = fixture.source;
    const [loadedAtMs, loadedRows] = [status()?.refreshedAtMs ?? 0, status()?.rowCount];
    clock.advance(2 * MINUTE_MS);
    const changes: readonly DatasetInput[] = [
      definition({ refresh_check_interval: '10m' }, { description: 'Other words.' }),
      definition({ refresh_check_interval: '10m', refresh_retry_enabled: false }, { ready_state: 'on_registration' }),
      definition({ refresh_check_interval: '10m', refresh_on_startup: 'always' }, { on_schema_change: 'fail' }),
      definition({ refresh_cron: '0 13 * * *' }),
      definition({}),
      definition({ refresh_check_interval: '5m' }),
    ];
    const planned: (number | undefined)[] = [];
    for (const change of changes) {
      expect([await runtime.updateDataset(change), await runtime.updateDataset(change)]).toEqual([
        'updated',
        'unchanged',
      ]);
      planned.push(status()?.nextRefreshAtMs);
    }
    const oneOClock = Date.UTC(2026, 10, 29, 13);
    const tenMinutes = loadedAtMs + 10 * MINUTE_MS;
    expect(planned).toEqual([tenMinutes, tenMinutes, tenMinutes, oneOClock, undefined, loadedAtMs + 5 * MINUTE_MS]);
    expect(fixture.source.scanCount).toBe(scanCount);
    expect(status()).toMatchObject({ state: 'ready', refreshedAtMs: loadedAtMs, rowCount: loadedRows });
    expect(fixture.connectors.open).toBe(1);
    put(20);
    clock.advance(3 * MINUTE_MS);
    await until(2);
    expect(await rows(runtime, 'SELECT count(*)::INTEGER AS n FROM a')).toEqual([{ n: 20 }]);
    // What is due by now is not waited for.
    clock.advance(3 * MINUTE_MS);
    await runtime.updateDataset(definition({ refresh_check_interval: '2m' }));
    clock.advance(0);
    await until(3);
    expect(fixture.source.scanCount).toBe(scanCount + 2);
    await runtime.removeDataset('a');
  });

  it('removes rows by the retention that holds, and refuses one that cannot be used', async () => {
    put(10);
    const clock = new ManualClock();
    const retained = (condition: string, interval: string): DatasetInput =>
      definition({
        engine: 'duckdb',
        retention_check_enabled: true,
        retention_sql: `DELETE FROM a WHERE ${condition}`,
        retention_check_interval: interval,
      });
    const runtime = await start([retained('id < 2', '1h')], { clock });
    await runtime.ready();
    const { scanCount } = fixture.source;
    const count = async () => (await rows(runtime, 'SELECT count(*)::INTEGER AS n FROM a'))[0]?.n;
    expect(await runtime.updateDataset(retained('id < 5', '5m'))).toBe('updated');
    await expect(runtime.updateDataset(retained('nothing < 5', '1m'))).rejects.toMatchObject({
      code: 'invalid_config',
    });
    expect(await count()).toBe(10);
    clock.advance(5 * MINUTE_MS);
    await expect.poll(count, { timeout: 60_000 }).toBe(5);
    expect(fixture.source.scanCount).toBe(scanCount);
  });

  it('loads what decides the rows anew', async () => {
    put(10);
    const runtime = await start([definition({ refresh_check_interval: '1h' })]);
    await runtime.ready();
    const { scanCount } = fixture.source;
    await runtime.updateDataset(definition({ refresh_check_interval: '1h', refresh_sql: 'SELECT id FROM a' }));
    expect(fixture.source.scanCount).toBe(scanCount + 1);
    expect(await rows(runtime, 'SELECT * FROM a LIMIT 1')).toEqual([{ id: 0 }]);
  });

  const TIMED = { time_column: 'at' };
  const RETAINED = { retention_check_enabled: true, retention_period: '1d', retention_check_interval: '1h' };
  const APPEND = { refresh_mode: 'append' } as const;
  it.each<[string, DatasetInput, DatasetInput, boolean]>([
    ['interval', definition({ refresh_check_interval: '1h' }), definition({ refresh_check_interval: '2h' }), true],
    [
      'jitter',
      definition({ refresh_check_interval: '1h' }),
      definition({ refresh_check_interval: '1h', refresh_jitter_enabled: true }),
      true,
    ],
    ['retries', definition({}), definition({ refresh_retry_max_attempts: 3 }), true],
    ['dependencies', definition({}), definition({}, { depends_on: [] }), true],
    [
      'period of retention',
      definition(RETAINED, TIMED),
      definition({ ...RETAINED, retention_period: '2d' }, TIMED),
      true,
    ],
    ['retention, which lets the engine read the rows', definition({}, TIMED), definition(RETAINED, TIMED), false],
    [
      'retention of rows that the engine reads',
      definition(APPEND, TIMED),
      definition({ ...APPEND, ...RETAINED }, TIMED),
      true,
    ],
    [
      'overlap of appends',
      definition(APPEND, TIMED),
      definition({ ...APPEND, refresh_append_overlap: '1h' }, TIMED),
      true,
    ],
    [
      'overlap where the connector decides',
      definition({}, TIMED),
      definition({ refresh_append_overlap: '1h' }, TIMED),
      false,
    ],
    ['source', definition({}), definition({}, { from: 'faulty:b' }), false],
    ['parameters', definition({}), definition({}, { params: { memory_database: 'other' } }), false],
    ['engine', definition({}), definition({ engine: 'duckdb' }), false],
    ['mode', definition({ engine: 'duckdb' }), definition({ engine: 'duckdb', mode: 'file' }), false],
    [
      'window',
      definition({ refresh_data_window: '1d' }, TIMED),
      definition({ refresh_data_window: '2d' }, TIMED),
      false,
    ],
    ['time column', definition({}, TIMED), definition({}, { time_column: 'other' }), false],
    ['key', definition({}), definition({ primary_key: 'id' }), false],
    ['copy', dataset(), definition({}), false],
  ])('knows what decides rows: %s', async (_, left, right, isSame) => {
    const resolved = async (each: DatasetInput) => (await loadConfig({ config: { datasets: [each] } })).datasets[0]!;
    const [before, after] = [await resolved(left), await resolved(right)];
    expect([isSameCopy(before, after), isSameCopy(after, before)]).toEqual([isSame, isSame]);
  });
});
