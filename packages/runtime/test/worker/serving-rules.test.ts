import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { arrowAccelerator } from '@millrace/accelerator-arrow';
import { duckdbAccelerator } from '@millrace/accelerator-duckdb';
import { memoryDatabase } from '@millrace/connector-memory';
import { dataTypes, field } from '@millrace/core';
import { createRegistry } from '@millrace/core/registry';
import { createGate, type Gate } from '@millrace/test-fixtures';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRuntime, type DatasetInput, formatExplanation, type Runtime } from '../../src/index.ts';
import { createFaultySource, type FaultySource } from './faulty-source.ts';

const STORE = 'serving-rules';

function put(count: number): void {
  memoryDatabase(STORE).put('a', {
    schema: { fields: [field('id', dataTypes.int32()), field('note', dataTypes.utf8())] },
    rows: Array.from({ length: count }, (_, id) => [id, `n${id % 3}`]),
  });
}

describe.each(['arrow', 'duckdb'])('queries of a dataset accelerated by %s', (engine) => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-serving-'));
  const runtimes: Runtime[] = [];
  let source: FaultySource;
  let gate: Gate | undefined;

  beforeEach(() => {
    source = createFaultySource();
    put(100);
  });
  afterEach(async () => {
    gate?.open();
    await Promise.all(runtimes.splice(0).map((runtime) => runtime.close()));
    rmSync(folder, { recursive: true, force: true });
  });

  async function start(dataset: Partial<DatasetInput>): Promise<Runtime> {
    const runtime = await createRuntime({
      config: {
        datasets: [
          {
            from: 'faulty:a',
            name: 'a',
            params: { memory_database: STORE },
            ...dataset,
            acceleration: { engine, ...dataset.acceleration },
          },
        ],
      },
      baseDirectory: folder,
      registry: createRegistry({ connectors: [source.plugin], accelerators: [arrowAccelerator, duckdbAccelerator] }),
      logger: { debug() {}, info() {}, warn() {}, error() {} },
    });
    runtimes.push(runtime);
    return runtime;
  }
  /** Starts with a first load that waits at the source, and lets everything behind it pass. */
  async function startLoading(dataset: Partial<DatasetInput>): Promise<Runtime> {
    gate = createGate();
    source.gate = gate.opened;
    const runtime = await start(dataset);
    await expect.poll(() => source.reading, { timeout: 60_000 }).toBe(1);
    source.gate = undefined;
    return runtime;
  }
  const count = async (runtime: Runtime, where = 'true') =>
    (await (await runtime.sql(`SELECT count(*) AS n FROM a WHERE ${where}`)).toRows())[0]?.n;

  it('wait for the first load with on_load', async () => {
    const runtime = await startLoading({ ready_state: 'on_load' });
    let isAnswered = false;
    const answer = count(runtime).then((rows) => {
      isAnswered = true;
      return rows;
    });
    expect(await runtime.datasets()[0]?.state).toBe('loading');
    expect(isAnswered).toBe(false);
    gate?.open();
    expect(await answer).toBe(100n);
  });

  it.each(['on_registration', 'on_schema_resolved'] as const)('read the source until then with %s', async (state) => {
    const runtime = await startLoading({ ready_state: state });
    expect(await count(runtime, 'id < 10')).toBe(10n);
    expect(runtime.datasets()[0]?.state).toBe('loading');
    gate?.open();
    await runtime.ready();
    put(5);
    expect(await count(runtime)).toBe(100n);
  });

  it('read the rows of refresh_sql from the source until then', async () => {
    const runtime = await startLoading({
      ready_state: 'on_registration',
      acceleration: { refresh_sql: 'SELECT id * 2 AS twice FROM a WHERE id < 50;' },
    });
    const rows = async () =>
      (await runtime.sql('SELECT sum(twice) AS total, count(*) AS n FROM a WHERE twice >= 90')).toRows();
    const expected = [{ total: '470', n: 5n }];
    const before = (await rows()).map(({ total, n }) => ({ total: String(total), n }));
    expect(before).toEqual(expected);
    gate?.open();
    await runtime.ready();
    expect((await rows()).map(({ total, n }) => ({ total: String(total), n }))).toEqual(expected);
  });

  it('are answered by the source where the copy has no row, with use_source', async () => {
    const acceleration = {
      refresh_sql: 'SELECT note, id FROM a WHERE id < 10',
      on_zero_results: 'use_source',
    } as const;
    const runtime = await start({ acceleration });
    await runtime.ready();
    const loads = source.scanCount;
    expect(await count(runtime, 'id BETWEEN 4 AND 50')).toBe(6n);
    const rows = await (await runtime.sql('SELECT * FROM a WHERE id = 77')).toRows();
    expect(rows).toEqual([{ note: 'n2', id: 77 }]);
    expect(await count(runtime, 'id >= 90')).toBe(10n);
    expect(await count(runtime, 'id < 0')).toBe(0n);
    expect(source.scanCount).toBeGreaterThan(loads);
    const explanation = formatExplanation(await runtime.explain('SELECT * FROM a WHERE id = 77'));
    expect(explanation).toContain('copy of a');
  });

  it('return nothing where the copy has no row, otherwise', async () => {
    const runtime = await start({ acceleration: { refresh_sql: 'SELECT note, id FROM a WHERE id < 10' } });
    await runtime.ready();
    expect(await count(runtime, 'id = 77')).toBe(0n);
  });

  it('cannot be answered by a source that lacks a column', async () => {
    const acceleration = { refresh_sql: 'SELECT id + 1 AS next FROM a', on_zero_results: 'use_source' } as const;
    await expect(start({ acceleration })).rejects.toMatchObject({
      code: 'invalid_config',
      message: expect.stringContaining('the column next'),
    });
    const changed = { refresh_sql: 'SELECT id::VARCHAR AS id FROM a', on_zero_results: 'use_source' } as const;
    await expect(start({ acceleration: changed })).rejects.toMatchObject({
      message: expect.stringContaining('the column id'),
    });
  });

  it.each([engine].filter((id) => id === 'duckdb'))(
    'are answered by the rows of a file while a restart loads them anew (%s)',
    async () => {
      const acceleration = { mode: 'file', refresh_on_startup: 'always' } as const;
      const first = await start({ acceleration });
      await first.ready();
      await first.close();
      put(7);
      const runtime = await startLoading({ acceleration });
      await runtime.ready();
      expect(await count(runtime)).toBe(100n);
      expect(runtime.datasets()[0]).toMatchObject({ state: 'refreshing', rowCount: 100n });
      gate?.open();
      await expect.poll(() => runtime.datasets()[0]?.state, { timeout: 60_000 }).toBe('ready');
      expect(await count(runtime)).toBe(7n);
    },
  );
});
