import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { DatasetInput, ReloadReport, Runtime, RuntimeConfigInput } from '../../src/index.ts';
import { useChanges } from './changes-fixture.ts';

const WAIT = { timeout: 60_000 };
/** Seconds on a machine that does nothing else. */
const SLOW = { timeout: 300_000 };
const NOTHING: ReloadReport = { added: [], updated: [], removed: [], settings: [], failed: [] };

describe('a configuration file that changes', SLOW, () => {
  const fixture = useChanges('config-reload');
  const { dataset, rows, put, hold, file, write, startFromFile: start } = fixture;
  const accelerated = (changes: Partial<DatasetInput> = {}) =>
    dataset({ acceleration: { engine: 'arrow' }, ...changes });
  const count = (runtime: Runtime, name: string) =>
    rows(runtime, `SELECT count(*)::INTEGER AS n FROM ${name}`).then(
      ([row]) => row?.n,
      (error: { code: string }) => error.code,
    );

  it('is applied as far as it has changed, without a look at what has not', async () => {
    put(10);
    const [a, b, c] = [accelerated(), accelerated({ name: 'b' }), dataset({ name: 'c' })];
    const runtime = await start({
      datasets: [a, b, c],
      views: [
        { name: 'v', sql: 'SELECT id FROM a' },
        { name: 'w', sql: 'SELECT id FROM v' },
      ],
    });
    const before = runtime.datasets().find(({ name }) => name === 'a');
    const { scanCount } = fixture.source;
    expect(await runtime.reload()).toEqual(NOTHING);
    put(20);
    write({
      runtime: { dataset_load_parallelism: 1 },
      datasets: [accelerated({ name: 'd' }), accelerated({ name: 'b', from: 'faulty:b' }), a],
      views: [
        { name: 'w', sql: 'SELECT id FROM v WHERE id < 5' },
        { name: 'v', sql: 'SELECT id FROM a' },
        { name: 'x', sql: 'SELECT extra FROM b' },
      ],
    });
    expect(await runtime.reload()).toEqual({
      added: ['d', 'x'],
      updated: ['b', 'w'],
      removed: ['c'],
      settings: ['runtime.dataset_load_parallelism'],
      failed: [],
    });
    await runtime.ready();
    expect(fixture.source.scanCount).toBe(scanCount + 2);
    expect(runtime.datasets().find(({ name }) => name === 'a')).toMatchObject({
      rowCount: before?.rowCount,
      refreshedAtMs: before?.refreshedAtMs,
      state: 'ready',
    });
    expect(await Promise.all(['a', 'b', 'c', 'd', 'v', 'w', 'x'].map((name) => count(runtime, name)))).toEqual([
      10,
      20,
      'unknown_table',
      20,
      10,
      5,
      20,
    ]);
    expect(await runtime.reload()).toEqual(NOTHING);
    expect(fixture.source.scanCount).toBe(scanCount + 2);
  });

  it.each<[string, RuntimeConfigInput, string]>([
    ['a mistake in a field', { datasets: [dataset(), dataset({ name: 'select' })] }, 'invalid_config'],
    ['an unknown connector', { datasets: [dataset({ from: 'nothing:a' })] }, 'unknown_connector'],
    ['an unknown parameter', { datasets: [accelerated({ params: { nothing: 1 } })] }, 'unknown_parameter'],
    ['a view that cannot be made', { datasets: [], views: [{ name: 'v', sql: 'SELECT' }] }, 'sql_syntax'],
    [
      'a view over columns that are gone',
      { datasets: [accelerated()], views: [{ name: 'v', sql: 'SELECT extra FROM a' }] },
      'sql_error',
    ],
    ['a dependency that is gone', { datasets: [accelerated({ depends_on: ['b'] })] }, 'invalid_config'],
    [
      'a catalog of a connector without one',
      { datasets: [], catalogs: [{ from: 'faulty', name: 'k' }] },
      'invalid_config',
    ],
    [
      'a view over a dataset that is gone',
      { datasets: [accelerated({ from: 'faulty:b', name: 'b' })], views: [{ name: 'v', sql: 'SELECT id FROM a' }] },
      'unknown_table',
    ],
    ['a setting that takes a restart', { runtime: { memory_limit: '1GiB' }, datasets: [] }, 'unsupported'],
  ])('changes nothing with %s', async (_, config, code) => {
    put(10);
    const runtime = await start({
      datasets: [accelerated({ from: 'faulty:b' }), accelerated({ name: 'b' })],
      views: [{ name: 'v', sql: 'SELECT extra FROM a' }],
    });
    const { scanCount } = fixture.source;
    const before = runtime.datasets().map(({ ageMs: _age, ...rest }) => rest);
    write(config);
    await expect(runtime.reload()).rejects.toMatchObject({ code });
    expect(runtime.datasets().map(({ ageMs: _age, ...rest }) => rest)).toEqual(before);
    expect(await Promise.all(['a', 'b', 'v'].map((name) => count(runtime, name)))).toEqual([10, 10, 10]);
    expect(fixture.source.scanCount).toBe(scanCount);
    expect(fixture.connectors.open).toBe(1);
  });

  it('keeps what cannot be loaded as it was, and tries it again', async () => {
    put(10);
    const runtime = await start({ datasets: [accelerated()] });
    fixture.source.failure = 'lasting';
    write({ datasets: [accelerated({ from: 'faulty:b' }), accelerated({ name: 'c' })] });
    expect(await runtime.reload()).toMatchObject({
      added: ['c'],
      updated: [],
      failed: [{ name: 'a', code: 'unauthorized' }],
    });
    expect(await count(runtime, 'a')).toBe(10);
    expect(await count(runtime, 'c')).toBe('not_ready');
    fixture.source.failure = undefined;
    expect(await runtime.reload()).toEqual({ ...NOTHING, updated: ['a'] });
    expect(await rows(runtime, 'SELECT max(note) AS note FROM a')).toEqual([{ note: 'b2' }]);
  });

  it('serves the old definitions until all of the new ones are there', async () => {
    put(10);
    const runtime = await start({ datasets: [accelerated(), accelerated({ name: 'b' })] });
    const open = hold();
    write({ datasets: [accelerated({ from: 'faulty:b' }), accelerated({ name: 'b', from: 'faulty:b' })] });
    const reload = runtime.reload();
    await expect.poll(() => fixture.source.reading, WAIT).toBe(2);
    expect(await rows(runtime, 'SELECT max(note) AS note FROM a')).toEqual([{ note: 'a2' }]);
    open();
    expect((await reload).updated).toEqual(['a', 'b']);
    expect(await rows(runtime, 'SELECT max(note) AS note FROM a')).toEqual([{ note: 'b2' }]);
  });

  it('leaves alone what came by calls', async () => {
    put(10);
    const runtime = await start({ datasets: [accelerated()] });
    await runtime.addDataset(accelerated({ name: 'b' }));
    await runtime.updateDataset(accelerated({ from: 'faulty:b' }));
    write({ datasets: [accelerated(), accelerated({ name: 'c' })] });
    expect(await runtime.reload()).toEqual({ ...NOTHING, added: ['c'] });
    expect(runtime.datasets().map(({ name, from }) => `${name} ${from}`)).toEqual([
      'a faulty:b',
      'b faulty:a',
      'c faulty:a',
    ]);
    write({ datasets: [accelerated({ name: 'b' })] });
    expect(await runtime.reload()).toEqual({ ...NOTHING, removed: ['a', 'c'] });
    expect(await count(runtime, 'b')).toBe(10);
  });

  it('is watched when that is asked for', async () => {
    put(10);
    const messages: string[] = [];
    const logger = { debug() {}, info() {}, warn() {}, error: (message: string) => void messages.push(message) };
    const runtime = await start({ datasets: [accelerated()] }, { watchConfig: true, logger });
    write({ datasets: [accelerated(), accelerated({ name: 'b' })] });
    await expect.poll(() => count(runtime, 'b'), WAIT).toBe(10);
    writeFileSync(file, 'datasets: 3');
    await expect.poll(() => messages.join(), WAIT).toMatch(/cannot be reloaded/);
    expect(await count(runtime, 'b')).toBe(10);
    writeFileSync(file, JSON.stringify({ version: 'v1', datasets: [accelerated({ name: 'c' })] }));
    await expect.poll(() => count(runtime, 'c'), WAIT).toBe(10);
    await expect.poll(() => count(runtime, 'a'), WAIT).toBe('unknown_table');
  });

  it('has to be there', async () => {
    const runtime = await fixture.start([]);
    await expect(runtime.reload()).rejects.toMatchObject({ code: 'invalid_state' });
    await expect(fixture.start([], { watchConfig: true })).rejects.toMatchObject({ code: 'invalid_argument' });
  });
});
