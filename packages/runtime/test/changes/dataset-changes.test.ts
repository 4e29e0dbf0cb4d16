import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { RecordBatch } from '@millrace/core';
import { ENGINE_MODES, type OpenedEngine, openEngine } from '@millrace/engines';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AccelerationInput, DatasetInput } from '../../src/index.ts';
import { useChanges } from './changes-fixture.ts';

const WAIT = { timeout: 60_000 };
/** Seconds on a machine that does nothing else. */
const SLOW = { timeout: 300_000 };

describe('datasets at run time', SLOW, () => {
  const fixture = useChanges('dataset-changes');
  const { dataset, start, rows, put } = fixture;

  it('are added once, however often the same is asked for', async () => {
    put(10);
    const runtime = await start([]);
    const definition = dataset({ acceleration: { engine: 'arrow' } });
    expect(await runtime.addDataset(definition)).toBe('added');
    expect(await rows(runtime, 'SELECT count(*)::INTEGER AS n FROM a')).toEqual([{ n: 10 }]);
    const { scanCount } = fixture.source;
    expect(await runtime.addDataset({ ...definition, params: { ...definition.params } })).toBe('unchanged');
    expect(await runtime.updateDataset(definition)).toBe('unchanged');
    expect(fixture.source.scanCount).toBe(scanCount);
    await expect(runtime.addDataset(dataset({ from: 'faulty:b' }))).rejects.toMatchObject({
      code: 'already_exists',
      component: 'dataset a',
    });
    expect(runtime.status()).toMatchObject({ isReady: true, datasets: [{ name: 'a', state: 'ready', rowCount: 10n }] });
  });

  it('are changed and added at the same time by many', async () => {
    put(3);
    const runtime = await start([]);
    const changes = await Promise.all(Array.from({ length: 20 }, () => runtime.addDataset(dataset())));
    expect(changes.filter((change) => change === 'added')).toHaveLength(1);
    const others = Array.from({ length: 20 }, (_, index) => dataset({ name: `t${index}` }));
    await Promise.all(others.map((other) => runtime.addDataset(other)));
    expect(runtime.datasets()).toHaveLength(21);
    expect(fixture.connectors.open).toBe(1);
    expect(await Promise.all(Array.from({ length: 5 }, () => runtime.removeDataset('T7')))).toEqual([
      true,
      ...Array.from({ length: 4 }, () => false),
    ]);
  });

  it('are not there when their source is down', async () => {
    put(3);
    const runtime = await start([dataset({ name: 'other' })]);
    fixture.source.isReachable = false;
    await expect(runtime.addDataset(dataset())).rejects.toMatchObject({ code: 'unavailable' });
    await expect(runtime.sql('SELECT * FROM a')).rejects.toMatchObject({ code: 'unknown_table' });
    expect(runtime.datasets().map(({ name }) => name)).toEqual(['other']);
    fixture.source.isReachable = true;
    expect(await runtime.addDataset(dataset())).toBe('added');
  });

  it.each<[string, DatasetInput]>([
    ['an unknown field', { ...dataset(), colour: 1 } as DatasetInput],
    ['a wrong type', dataset({ description: 3 as unknown as string })],
    ['an illegal name', dataset({ name: 'select' })],
    ['no name', { from: 'faulty:a' } as DatasetInput],
    ['an unknown connector', dataset({ from: 'faultyy:a' })],
    ['an unknown parameter', dataset({ params: { memory_databse: 'x' } })],
    ['an unknown accelerator', dataset({ acceleration: { engine: 'duckbd' } })],
    ['a dependency on nothing', dataset({ depends_on: ['nothing'] })],
    ['a dependency on itself', dataset({ depends_on: ['a'] })],
    ['append without time', dataset({ acceleration: { refresh_mode: 'append' } })],
    ['a secret that is not there', dataset({ params: { memory_database: `\${env:MILLRACE_NOT_SET}` } })],
    ['a column that refresh_sql lacks', dataset({ acceleration: { refresh_sql: 'SELECT nothing FROM a' } })],
    ['several mistakes', dataset({ time_format: 'date', ready_state: 'on_load' })],
  ])('are refused with %s as in a configuration', async (_, definition) => {
    put(3);
    const expected = await start([definition]).then(
      () => undefined,
      (error: unknown) => error as Error & { code: string; component: string; hint?: string },
    );
    expect(expected).toBeDefined();
    const { code, component, message, hint } = expected!;
    const runtime = await start([]);
    await expect(runtime.addDataset(definition)).rejects.toMatchObject({ code, component, message, hint });
    expect(runtime.datasets()).toEqual([]);
  });

  it('keep names and dependencies apart from what is there', async () => {
    put(3);
    const runtime = await start([dataset(), dataset({ name: 'b', depends_on: ['a'] })], {
      config: {
        datasets: [dataset(), dataset({ name: 'b', depends_on: ['a'] })],
        views: [{ name: 'v', sql: 'SELECT id FROM a' }],
      },
    });
    await expect(runtime.addDataset(dataset({ name: 'V' }))).rejects.toMatchObject({ code: 'already_exists' });
    await expect(runtime.updateDataset(dataset({ depends_on: ['b'] }))).rejects.toMatchObject({
      code: 'invalid_config',
    });
    await expect(runtime.updateDataset(dataset({ name: 'c' }))).rejects.toMatchObject({ code: 'unknown_table' });
    await expect(runtime.removeDataset('a')).rejects.toMatchObject({ code: 'invalid_state', component: 'dataset a' });
    expect(await runtime.updateDataset(dataset({ name: 'b' }))).toBe('updated');
    await expect(runtime.removeDataset('a')).rejects.toThrow(/view v reads it/);
    expect(await runtime.removeDataset('b')).toBe(true);
    expect(await rows(runtime, 'SELECT count(*)::INTEGER AS n FROM v')).toEqual([{ n: 3 }]);
  });

  it('change below views that can still be made over them, and only then', async () => {
    put(3);
    const runtime = await start([], {
      config: {
        datasets: [dataset({ from: 'faulty:b', acceleration: { engine: 'duckdb' } })],
        views: [
          { name: 'v', sql: 'SELECT id, note FROM a' },
          { name: 'w', sql: 'SELECT max(note) AS note FROM v' },
        ],
      },
    });
    const readView = () => rows(runtime, 'SELECT note FROM w');
    expect(await readView()).toEqual([{ note: 'b2' }]);
    await runtime.updateDataset(dataset({ acceleration: { engine: 'duckdb' } }));
    expect(await readView()).toEqual([{ note: 'a2' }]);
    await expect(
      runtime.updateDataset(dataset({ acceleration: { engine: 'duckdb', refresh_sql: 'SELECT id FROM a' } })),
    ).rejects.toMatchObject({ component: 'view v' });
    expect(await readView()).toEqual([{ note: 'a2' }]);
    await runtime.updateDataset(
      dataset({ acceleration: { engine: 'arrow', refresh_sql: `SELECT 'x' AS note, id::BIGINT AS id FROM a` } }),
    );
    expect(await readView()).toEqual([{ note: 'x' }]);
  });

  it('are removed with what they held', async () => {
    put(5);
    const runtime = await start([
      dataset({ acceleration: { engine: 'arrow', refresh_check_interval: '1h' } }),
      dataset({ name: 'b', params: { memory_database: fixture.otherStore } }),
    ]);
    await runtime.ready();
    expect(fixture.connectors.open).toBe(2);
    expect(await runtime.removeDataset('a')).toBe(true);
    expect(await runtime.removeDataset('a')).toBe(false);
    await expect.poll(() => fixture.connectors.open, WAIT).toBe(1);
    await expect(runtime.sql('SELECT * FROM a')).rejects.toMatchObject({ code: 'unknown_table' });
    await expect(runtime.refresh('a')).rejects.toMatchObject({ code: 'unknown_table' });
    expect(await rows(runtime, 'SHOW TABLES')).toEqual([{ name: 'b' }]);
    expect(await runtime.removeDataset('b')).toBe(true);
    await expect.poll(() => fixture.connectors.open, WAIT).toBe(0);
  });
});

describe.each(ENGINE_MODES)('a dataset accelerated by $engine in $mode', SLOW, ({ engine, mode }) => {
  let opened: OpenedEngine;
  let acceleration: AccelerationInput;
  beforeEach(async () => {
    opened = await openEngine(engine);
    acceleration = { engine, mode, params: opened.params };
  });
  // Registered first and so run last: the runtimes are closed by then.
  afterEach(() => opened.close());
  const fixture = useChanges(`dataset-changes-${engine}-${mode}`);
  const { dataset, start, rows, put, hold } = fixture;
  const count = 'SELECT count(*)::INTEGER AS n, max(note) AS note FROM a';

  it('serves the old definition until the new one is loaded', async () => {
    put(30);
    const runtime = await start([dataset({ acceleration })]);
    await runtime.ready();
    const open = hold();
    let isUpdated = false;
    const update = runtime.updateDataset(dataset({ from: 'faulty:b', acceleration })).then((change) => {
      isUpdated = true;
      return change;
    });
    await expect.poll(() => fixture.source.reading, WAIT).toBe(1);
    expect(await rows(runtime, count)).toEqual([{ n: 30, note: 'a2' }]);
    expect(isUpdated).toBe(false);
    open();
    expect(await update).toBe('updated');
    expect(await rows(runtime, count)).toEqual([{ n: 30, note: 'b2' }]);
    expect(await rows(runtime, 'SELECT sum(extra)::INTEGER AS n FROM a WHERE id < 10')).toEqual([{ n: 45 }]);
    expect(runtime.status()).toMatchObject({ isReady: true, datasets: [{ from: 'faulty:b', state: 'ready' }] });
    expect((await runtime.refresh('a')).rowCount).toBe(30n);
    expect(await rows(runtime, count)).toEqual([{ n: 30, note: 'b2' }]);
  });

  it('keeps the old definition when the new one cannot be loaded', async () => {
    put(30);
    const runtime = await start([dataset({ acceleration })]);
    await runtime.ready();
    fixture.source.failure = 'lasting';
    await expect(runtime.updateDataset(dataset({ from: 'faulty:b', acceleration }))).rejects.toMatchObject({
      code: 'unauthorized',
      component: 'dataset a',
    });
    expect(await rows(runtime, count)).toEqual([{ n: 30, note: 'a2' }]);
    fixture.source.failure = undefined;
    put(31);
    await runtime.refresh('a');
    expect(await rows(runtime, count)).toEqual([{ n: 31, note: 'a2' }]);
    expect(await runtime.updateDataset(dataset({ from: 'faulty:b', acceleration }))).toBe('updated');
    expect(await rows(runtime, count)).toEqual([{ n: 31, note: 'b2' }]);
  });

  it('lets statements finish on the rows that they began with', async () => {
    put(20_000);
    const runtime = await start([dataset({ acceleration })]);
    await runtime.ready();
    const finish = async (change: () => Promise<unknown>, expected: string) => {
      const read = (await runtime.sql('SELECT note FROM a'))[Symbol.asyncIterator]();
      const first = await read.next();
      await change();
      let seen = rowsOf(first.value);
      for (let next = await read.next(); !next.done; next = await read.next()) seen += rowsOf(next.value);
      expect(seen).toBe(20_000);
      expect(first.value?.schema.fields.map(({ name }: { name: string }) => name)).toEqual(['note']);
      expect(await rows(runtime, count).catch((error: { code: string }) => error.code)).toEqual(
        expected === 'unknown_table' ? expected : [{ n: 20_000, note: expected }],
      );
    };
    await finish(() => runtime.updateDataset(dataset({ from: 'faulty:b', acceleration })), 'b2');
    await finish(() => runtime.updateDataset(dataset()), 'a2');
    await finish(() => runtime.updateDataset(dataset({ acceleration })), 'a2');
    await finish(() => runtime.removeDataset('a'), 'unknown_table');
    await expect.poll(() => fixture.connectors.open, WAIT).toBe(0);
  });

  it('is one definition or the other to every statement while it changes', async () => {
    put(300);
    const definitions = [
      dataset({ acceleration: { ...acceleration, refresh_sql: 'SELECT id, 1 AS version FROM a' } }),
      dataset({ acceleration: { ...acceleration, refresh_sql: `SELECT 'two' AS version, id FROM a WHERE id < 200` } }),
    ];
    const runtime = await start([definitions[0]!]);
    await runtime.ready();
    const seen = new Set<string>();
    let isDone = false;
    const read = async (sql: string): Promise<void> => {
      while (!isDone) {
        const [row] = await rows(runtime, sql);
        seen.add(`${row?.version} ${row?.n}`);
      }
    };
    const readers = [
      read('SELECT max(version) AS version, count(*) AS n FROM a'),
      read('SELECT max(x.version) AS version, count(*) AS n FROM a AS x JOIN a AS y USING (id)'),
    ];
    try {
      for (let turn = 1; turn <= 4; turn += 1) await runtime.updateDataset(definitions[turn % 2]!);
    } finally {
      isDone = true;
    }
    await Promise.all(readers);
    expect([...seen].filter((each) => each !== '1 300' && each !== 'two 200')).toEqual([]);
  });

  if (mode === 'file') {
    it('is found again after a restart under its new definition, and after it was removed', async () => {
      put(30);
      const first = await start([dataset({ acceleration })]);
      await first.ready();
      const changed = dataset({ from: 'faulty:b', acceleration });
      await first.updateDataset(changed);
      await first.close();
      const { scanCount } = fixture.source;
      const second = await start([changed]);
      expect(await rows(second, count)).toEqual([{ n: 30, note: 'b2' }]);
      await second.removeDataset('a');
      await expect.poll(() => fixture.connectors.open, WAIT).toBe(0);
      await second.addDataset(changed);
      expect(await rows(second, count)).toEqual([{ n: 30, note: 'b2' }]);
      expect(fixture.source.scanCount).toBe(scanCount);
    });
  }
});

function rowsOf(batch: RecordBatch | undefined): number {
  return batch?.numRows ?? 0;
}

describe.each(['duckdb', 'sqlite'])('the file of a dataset accelerated by %s', SLOW, (engine) => {
  const fixture = useChanges(`dataset-changes-drop-${engine}`);
  const { dataset, start, rows, put } = fixture;

  it('goes with the dataset when that is asked for', async () => {
    put(30);
    const acceleration = { engine, mode: 'file' } as const;
    const file = join(fixture.folder, '.millrace', `a.${engine}`);
    const runtime = await start([dataset({ acceleration })]);
    await runtime.ready();
    expect(existsSync(file)).toBe(true);
    await runtime.removeDataset('a');
    await expect.poll(() => fixture.connectors.open, WAIT).toBe(0);
    expect(existsSync(file)).toBe(true);
    await runtime.addDataset(dataset({ acceleration }));
    await runtime.removeDataset('a', { copy: 'drop' });
    await expect.poll(() => existsSync(file), WAIT).toBe(false);
  });

  it('keeps what other datasets have in it', async () => {
    put(30);
    const acceleration = { engine, mode: 'file', params: { [`${engine}_file`]: 'shared.db' } } as const;
    const runtime = await start([dataset({ acceleration }), dataset({ name: 'b', acceleration })]);
    await runtime.ready();
    await runtime.removeDataset('a', { copy: 'drop' });
    expect(await rows(runtime, 'SELECT count(*)::INTEGER AS n FROM b')).toEqual([{ n: 30 }]);
    await runtime.close();
    const { scanCount } = fixture.source;
    const again = await start([dataset({ acceleration }), dataset({ name: 'b', acceleration })]);
    await again.ready();
    expect(await rows(again, 'SELECT count(*)::INTEGER AS n FROM a JOIN b USING (id)')).toEqual([{ n: 30 }]);
    expect(fixture.source.scanCount).toBe(scanCount + 1);
  });
});
