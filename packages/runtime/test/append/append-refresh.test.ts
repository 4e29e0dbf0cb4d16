import { memoryConnector, memoryDatabase } from '@millrace/connector-memory';
import { type DataType, dataTypes, defineAccelerator, field } from '@millrace/core';
import { createRegistry } from '@millrace/core/registry';
import { afterEach, describe, expect, it } from 'vitest';
import { createRuntime, type DatasetInput, type Runtime } from '../../src/index.ts';
import { createFaultySource } from '../worker/faulty-source.ts';
import { modelAccelerator } from './model-accelerator.ts';

const STORE = 'append-refresh';
const fullOnly = defineAccelerator({ ...modelAccelerator, id: 'fullonly', prefix: 'fullonly', refreshModes: ['full'] });
const source = createFaultySource();
const registry = createRegistry({
  connectors: [memoryConnector, source.plugin],
  accelerators: [modelAccelerator, fullOnly],
});
const MINUTE = 60_000_000n;
const START = 1_780_000_000_000_000n;

type Rows = readonly (readonly [number, unknown])[];

function put(rows: Rows, type: DataType = dataTypes.timestamp()): void {
  const fields = [field('id', dataTypes.int32()), field('at', type)];
  memoryDatabase(STORE).put('events', { schema: { fields }, rows });
}

describe('an append refresh', () => {
  const runtimes: Runtime[] = [];
  afterEach(async () => {
    await Promise.all(runtimes.splice(0).map((runtime) => runtime.close()));
  });

  async function start(dataset: Partial<DatasetInput> & Pick<DatasetInput, 'acceleration'>): Promise<Runtime> {
    const { acceleration, ...rest } = dataset;
    const runtime = await createRuntime({
      config: {
        datasets: [
          {
            from: 'memory:events',
            name: 'events',
            params: { memory_database: STORE },
            time_column: 'at',
            ...rest,
            acceleration: { engine: 'model', refresh_mode: 'append', ...acceleration },
          },
        ],
      },
      registry,
      logger: { debug() {}, info() {}, warn() {}, error() {} },
    });
    runtimes.push(runtime);
    await runtime.ready();
    return runtime;
  }
  async function ids(runtime: Runtime): Promise<unknown> {
    return (await (await runtime.sql('SELECT id FROM events ORDER BY id')).toRows()).map(({ id }) => id);
  }
  const at = (minutes: number) => START + BigInt(minutes) * MINUTE;

  it('reads what is new, what has the newest time and what has none, and keeps the rest', async () => {
    put([
      [1, at(0)],
      [2, at(10)],
      [3, null],
    ]);
    const runtime = await start({ acceleration: {} });
    put([
      [2, at(10)],
      [20, at(10)],
      [4, at(11)],
      [3, null],
      [30, null],
      [9, at(5)],
    ]);
    expect(await runtime.refresh('events')).toMatchObject({ mode: 'append', rowCount: 5n, path: 'batches' });
    // Row 1 is gone from the source, and row 9 came too late: an append sees neither.
    expect(await ids(runtime)).toEqual([1, 2, 3, 4, 20, 30]);
    expect(runtime.datasets()[0]).toMatchObject({ state: 'ready', rowCount: 6n });
  });

  it('reads the overlap again', async () => {
    put([
      [1, at(0)],
      [2, at(10)],
    ]);
    const runtime = await start({ acceleration: { refresh_append_overlap: '5m' } });
    put([
      [1, at(0)],
      [2, at(10)],
      [5, at(5)],
      [4, at(4)],
    ]);
    await runtime.refresh('events');
    expect(await ids(runtime)).toEqual([1, 2, 5]);
  });

  it('asks the source for nothing but its window', async () => {
    put([[1, at(0)]]);
    const runtime = await start({ from: 'faulty:events', acceleration: { refresh_append_overlap: '5m' } });
    expect(source.filters).toEqual([]);
    await runtime.refresh('events');
    const column = { kind: 'column', path: ['at'] };
    expect(source.filters).toMatchObject([
      {
        function: 'or',
        args: [
          { function: 'ge', args: [column, { kind: 'literal', value: at(-5) }] },
          { function: 'is_null', args: [column] },
        ],
      },
    ]);
  });

  it('reads everything where no time has been seen', async () => {
    put([[1, null]]);
    const runtime = await start({ acceleration: {} });
    put([
      [2, null],
      [3, at(3)],
    ]);
    expect(await runtime.refresh('events')).toMatchObject({ mode: 'full', rowCount: 2n });
    expect(await ids(runtime)).toEqual([2, 3]);
  });

  it('keeps to refresh_sql, its own terminator and comment included', async () => {
    put([
      [1, at(0)],
      [2, at(1)],
    ]);
    const sql = 'SELECT "at", id FROM events WHERE id % 2 = 0 -- even\n;';
    const runtime = await start({ acceleration: { refresh_sql: sql } });
    put([
      [1, at(0)],
      [2, at(1)],
      [3, at(2)],
      [4, at(3)],
    ]);
    await runtime.refresh('events');
    expect(await ids(runtime)).toEqual([2, 4]);
  });

  it('leaves out what is older than the data window, and what has no time', async () => {
    const now = BigInt(Date.now()) * 1_000n;
    const rows: Rows = [
      [1, now - 120n * MINUTE],
      [2, now - 5n * MINUTE],
      [3, null],
    ];
    for (const mode of ['full', 'append'] as const) {
      put(rows);
      const runtime = await start({ acceleration: { refresh_mode: mode, refresh_data_window: '1h' } });
      expect(await ids(runtime)).toEqual([2]);
      put([...rows, [4, now - 119n * MINUTE], [5, now]]);
      await runtime.refresh('events');
      expect(await ids(runtime)).toEqual([2, 5]);
      await runtime.close();
    }
  });

  it('has a data window over texts as well', async () => {
    const text = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
    const rows: Rows = [
      [1, text(120)],
      [2, text(5)],
      [3, null],
    ];
    put(rows, dataTypes.utf8());
    const runtime = await start({ acceleration: { refresh_data_window: '1h' } });
    expect(await ids(runtime)).toEqual([2]);
    put([...rows, [4, text(119)], [5, text(0)]], dataTypes.utf8());
    await runtime.refresh('events');
    expect(await ids(runtime)).toEqual([2, 5]);
  });

  it('keeps infinite times from becoming the bound', async () => {
    put(
      [
        [1, 10.5],
        [2, Number.POSITIVE_INFINITY],
        [3, Number.NaN],
      ],
      dataTypes.float64(),
    );
    const runtime = await start({ time_format: 'unix_seconds', acceleration: {} });
    put(
      [
        [1, 10.5],
        [2, Number.POSITIVE_INFINITY],
        [4, 11],
      ],
      dataTypes.float64(),
    );
    await runtime.refresh('events');
    expect(await ids(runtime)).toEqual([1, 2, 4]);
  });

  it.each([
    ['several forms', ['2026-01-01T00:00:00Z', '2026-01-01T00:00:00.5Z']],
    ['several zones', ['2026-01-01T00:00:00+01:00', '2026-01-01T00:00:00+02:00']],
    ['no ISO 8601', ['yesterday']],
  ])('refuses texts of %s and keeps the old rows', async (_, texts) => {
    put([[1, null]], dataTypes.utf8());
    const runtime = await start({ acceleration: {} });
    put(
      texts.map((text, id) => [id, text]),
      dataTypes.utf8(),
    );
    await expect(runtime.refresh('events')).rejects.toMatchObject({
      code: 'invalid_data',
      message: expect.not.stringContaining('2026'),
    });
    expect(await ids(runtime)).toEqual([1]);
  });

  it.each<[string, DataType, Partial<DatasetInput>, RegExp]>([
    [
      'a format of another type',
      dataTypes.timestamp(),
      { time_format: 'date' },
      /timestamp.*time_format date.*Use timestamp as/,
    ],
    ['a zone that is not there', dataTypes.timestamp(), { time_format: 'timestamptz' }, /time_format timestamptz/],
    ['a number without a format', dataTypes.int64(), {}, /int64.*unix_seconds or unix_millis/],
    ['a type without times', dataTypes.bool(), {}, /bool.*another column/],
    [
      'a column that is not there',
      dataTypes.timestamp(),
      { time_column: 'moment' },
      /no time column moment.*The columns are id, at/,
    ],
    [
      'a column that refresh_sql leaves out',
      dataTypes.timestamp(),
      { acceleration: { refresh_sql: 'SELECT id FROM events' } },
      /no time column at among the columns that are kept/,
    ],
    ['a key that is not there', dataTypes.timestamp(), { acceleration: { primary_key: 'ix' } }, /primary_key.*ix/],
    [
      'an index that is not there',
      dataTypes.timestamp(),
      { acceleration: { indexes: { '(id, x)': 'enabled' } } },
      /indexes.* x,/,
    ],
    [
      'an accelerator that cannot',
      dataTypes.timestamp(),
      { acceleration: { engine: 'fullonly' } },
      /accelerator fullonly cannot refresh by append/,
    ],
  ])('is refused at load for %s', async (_, type, dataset, message) => {
    put([], type);
    await expect(start({ acceleration: {}, ...dataset })).rejects.toMatchObject({
      code: 'invalid_config',
      message: expect.stringMatching(message),
    });
  });

  it('has no overlap where the connector leaves the mode open and everything is read', async () => {
    put([]);
    const config = {
      datasets: [
        {
          from: 'memory:events',
          name: 'events',
          params: { memory_database: STORE },
          time_column: 'at',
          acceleration: { engine: 'model', refresh_append_overlap: '1m' },
        },
      ],
    };
    await expect(createRuntime({ config, registry })).rejects.toMatchObject({
      code: 'invalid_config',
      message: expect.stringContaining('refresh_append_overlap'),
    });
  });
});
