import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { arrowAccelerator } from '@millrace/accelerator-arrow';
import { duckdbAccelerator } from '@millrace/accelerator-duckdb';
import { memoryConnector, memoryDatabase } from '@millrace/connector-memory';
import { dataTypes, field } from '@millrace/core';
import { createRegistry } from '@millrace/core/registry';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRuntime, type Runtime, type RuntimeConfigInput } from '../src/index.ts';

const STORE = 'acceleration';
const PARAMS = { memory_database: STORE };

function put(rowCount: number): void {
  memoryDatabase(STORE).put('events', {
    schema: { fields: [field('id', dataTypes.int64()), field('kind', dataTypes.utf8())] },
    rows: Array.from({ length: rowCount }, (_, index) => [BigInt(index), index % 2 === 0 ? 'even' : 'odd']),
  });
}

describe('accelerated datasets', () => {
  let folder: string;
  const runtimes: Runtime[] = [];

  async function start(config: RuntimeConfigInput): Promise<Runtime> {
    const runtime = await createRuntime({
      config,
      baseDirectory: folder,
      registry: createRegistry({ connectors: [memoryConnector], accelerators: [arrowAccelerator, duckdbAccelerator] }),
      logger: { debug() {}, info() {}, warn() {}, error() {} },
    });
    runtimes.push(runtime);
    return runtime;
  }
  async function count(runtime: Runtime, table = 'events'): Promise<unknown> {
    return (await (await runtime.sql(`SELECT count(*) AS n FROM ${table}`)).toRows())[0]!.n;
  }

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-acceleration-'));
    put(100);
  });
  afterEach(async () => {
    await Promise.all(runtimes.splice(0).map((runtime) => runtime.close()));
    rmSync(folder, { recursive: true, force: true });
  });

  it.each(['arrow', 'duckdb'])('%s serves what was loaded until it is refreshed', async (engine) => {
    const runtime = await start({
      datasets: [{ from: 'memory:events', name: 'events', params: PARAMS, acceleration: { engine } }],
    });
    expect(await count(runtime)).toBe(100n);
    put(250);
    expect(await count(runtime)).toBe(100n);
    const report = await runtime.refresh('events');
    expect(report.rowCount).toBe(250n);
    expect(await count(runtime)).toBe(250n);
    expect(runtime.datasets()[0]).toMatchObject({ state: 'ready', rowCount: 250n, engine });
    const { scans } = await runtime.explain('SELECT * FROM events');
    expect(scans[0]!.access).toBe(engine === 'duckdb' ? 'in_place' : 'native');
  });

  it.each(['arrow', 'duckdb'])('%s keeps the old rows when a refresh fails, and says so', async (engine) => {
    const runtime = await start({
      datasets: [{ from: 'memory:events', name: 'events', params: PARAMS, acceleration: { engine } }],
      views: [{ name: 'odd', sql: "SELECT * FROM events WHERE kind = 'odd'" }],
    });
    expect(await count(runtime, 'odd')).toBe(50n);
    memoryDatabase(STORE).drop('events');
    await expect(runtime.refresh('events')).rejects.toMatchObject({ name: 'MillraceError' });
    expect(runtime.datasets()[0]).toMatchObject({
      state: 'error',
      rowCount: 100n,
      lastError: expect.stringContaining('events'),
    });
    expect(await count(runtime, 'odd')).toBe(50n);
    put(10);
    await runtime.refresh('events');
    expect(runtime.datasets()[0]).toMatchObject({ state: 'ready', rowCount: 10n });
    expect(await count(runtime, 'odd')).toBe(5n);
  });

  it.each(['arrow', 'duckdb'])('%s keeps what refresh_sql selects', async (engine) => {
    const runtime = await start({
      datasets: [
        {
          from: 'memory:events',
          name: 'events',
          params: PARAMS,
          acceleration: { engine, refresh_sql: "SELECT id FROM events WHERE kind = 'even' AND id < 50" },
        },
      ],
    });
    const result = await runtime.sql('SELECT * FROM events');
    expect(result.schema.fields.map(({ name }) => name)).toEqual(['id']);
    expect(await result.toRows()).toHaveLength(25);
  });

  it('refuses a refresh_sql that names something else', async () => {
    const sql = 'SELECT * FROM other';
    const datasets = [{ from: 'memory:events', name: 'events', params: PARAMS, acceleration: { refresh_sql: sql } }];
    await expect(start({ datasets })).rejects.toMatchObject({
      code: 'invalid_config',
      message: expect.stringContaining('refresh_sql'),
    });
  });

  it('finds the rows of a file again after a restart, and drops those of another definition', async () => {
    const acceleration = { engine: 'duckdb', mode: 'file' as const };
    const datasets = [{ from: 'memory:events', name: 'events', params: PARAMS, acceleration }];
    const first = await start({ datasets });
    expect(await count(first)).toBe(100n);
    await first.close();
    put(7);
    const second = await start({ datasets });
    expect(await count(second)).toBe(100n);
    await second.close();
    const other = [{ ...datasets[0]!, acceleration: { ...acceleration, refresh_sql: 'SELECT id FROM events' } }];
    const third = await start({ datasets: other });
    expect(await count(third)).toBe(7n);
  });

  it('refreshes at the interval', async () => {
    const acceleration = { engine: 'arrow', refresh_check_interval: '50ms' };
    const runtime = await start({
      datasets: [{ from: 'memory:events', name: 'events', params: PARAMS, acceleration }],
    });
    expect(await count(runtime)).toBe(100n);
    put(33);
    await expect.poll(() => count(runtime), { timeout: 60_000 }).toBe(33n);
  });

  it('a source that is not there leaves its dataset unavailable and the others working, until a refresh finds it', async () => {
    const runtime = await start({
      datasets: [
        { from: 'memory:events', name: 'events', params: PARAMS },
        { from: 'memory:later', name: 'later', params: PARAMS, acceleration: { engine: 'duckdb' } },
      ],
    });
    expect(await count(runtime)).toBe(100n);
    expect(runtime.datasets()[1]).toMatchObject({ state: 'error' });
    await expect(runtime.sql('SELECT * FROM later')).rejects.toMatchObject({ code: 'not_found' });
    memoryDatabase(STORE).put('later', { schema: { fields: [field('x', dataTypes.int32())] }, rows: [[1]] });
    await runtime.refresh('later');
    expect(await count(runtime, 'later')).toBe(1n);
    memoryDatabase(STORE).drop('later');
  });

  it('readers during refreshes see whole versions only', async () => {
    for (const engine of ['arrow', 'duckdb']) {
      const runtime = await start({
        datasets: [{ from: 'memory:events', name: 'events', params: PARAMS, acceleration: { engine } }],
      });
      await runtime.ready();
      let reading = true;
      const seen = new Set<unknown>();
      const readers = Array.from({ length: 4 }, async () => {
        while (reading) seen.add(await count(runtime));
      });
      for (let version = 1; version <= 10; version += 1) {
        put(version * 1_000);
        await runtime.refresh('events');
      }
      reading = false;
      await Promise.all(readers);
      const whole = new Set<unknown>([100n, ...Array.from({ length: 10 }, (_, index) => BigInt((index + 1) * 1_000))]);
      expect([...seen].filter((value) => !whole.has(value))).toEqual([]);
      put(100);
    }
  });
});
