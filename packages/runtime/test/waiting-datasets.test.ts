import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { arrowAccelerator } from '@millrace/accelerator-arrow';
import { memoryConnector, memoryDatabase } from '@millrace/connector-memory';
import { type ConnectorPlugin, dataTypes, field } from '@millrace/core';
import { createRegistry } from '@millrace/core/registry';
import { createGate } from '@millrace/test-fixtures';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Revivals } from '../src/datasets/revivals.ts';
import { createRuntime, type Runtime, type RuntimeConfigInput } from '../src/index.ts';
import { QueryEngine } from '../src/query/query-engine.ts';

const STORE = 'waiting-datasets';

/** The memory connector as one whose datasets are connected when they are first used. */
const waitingConnector: ConnectorPlugin = {
  ...memoryConnector,
  create: async (parameters, context) => ({
    ...(await memoryConnector.create(parameters, context)),
    initialization: 'on_trigger',
  }),
};

const LATER = { from: 'memory:later', name: 'later', params: { memory_database: STORE } };

describe('a dataset that was not there at the start', () => {
  let runtime: Runtime;
  let folder: string;

  async function start(config: RuntimeConfigInput, connector: ConnectorPlugin = waitingConnector): Promise<void> {
    folder = await mkdtemp(join(tmpdir(), 'millrace-waiting-'));
    const configPath = join(folder, 'millrace.yaml');
    await write(config);
    runtime = await createRuntime({
      configPath,
      registry: createRegistry({ connectors: [connector], accelerators: [arrowAccelerator] }),
      logger: { debug() {}, info() {}, warn() {}, error() {} },
    });
  }
  const write = (config: RuntimeConfigInput) => writeFile(join(folder, 'millrace.yaml'), JSON.stringify(config));
  const put = () =>
    memoryDatabase(STORE).put('later', { schema: { fields: [field('x', dataTypes.int32())] }, rows: [[1]] });
  const read = async (sql: string) => (await runtime.sql(sql)).toRows();

  afterEach(async () => {
    vi.restoreAllMocks();
    await runtime.close();
    memoryDatabase(STORE).drop('later');
    await rm(folder, { recursive: true, force: true });
  });

  it('comes up at its first use, by an accelerated view that is refreshed', async () => {
    const acceleration = { engine: 'arrow' };
    await start({
      version: 'v1',
      datasets: [LATER],
      views: [{ name: 'kept', sql: 'SELECT x + 1 AS y FROM later', acceleration }],
    });
    put();
    await runtime.refresh('kept');
    expect(await read('SELECT * FROM kept')).toEqual([{ y: 2 }]);
    expect(await read('SELECT * FROM later')).toEqual([{ x: 1 }]);
  });

  it('comes up at its first use, by a view that a reload changes', async () => {
    const config = (sql: string): RuntimeConfigInput => ({
      version: 'v1',
      datasets: [LATER],
      views: [{ name: 'shown', sql }],
    });
    await start(config('SELECT x + 1 AS y FROM later'));
    put();
    await write(config('SELECT x + 2 AS y FROM later'));
    expect(await runtime.reload()).toMatchObject({ updated: ['shown'], failed: [] });
    expect(await read('SELECT * FROM shown')).toEqual([{ y: 3 }]);
  });

  it('brings back a view that was asked for while it came up itself', async () => {
    await start(
      { version: 'v1', datasets: [LATER], views: [{ name: 'shown', sql: 'SELECT x + 1 AS y FROM later' }] },
      memoryConnector,
    );
    put();
    const { addTable } = QueryEngine.prototype;
    const reached = createGate();
    const asked = createGate();
    vi.spyOn(QueryEngine.prototype, 'addTable').mockImplementationOnce(async function (this: QueryEngine, table) {
      reached.open();
      await asked.opened;
      await addTable.call(this, table);
    });
    const refreshed = runtime.refresh('later');
    await reached.opened;
    await expect(runtime.sql('SELECT * FROM shown')).rejects.toMatchObject({ code: 'not_found' });
    asked.open();
    await refreshed;
    expect(await read('SELECT * FROM shown')).toEqual([{ y: 2 }]);
  });

  it('does not take its name back from a view that a reload gives it to', async () => {
    let finding = Promise.resolve();
    const reached = createGate();
    const taken = createGate();
    const slowConnector: ConnectorPlugin = {
      ...memoryConnector,
      create: async (parameters, context) => {
        const connector = await memoryConnector.create(parameters, context);
        const readProvider: typeof connector.readProvider = async (...request) => {
          await finding;
          return connector.readProvider(...request);
        };
        return { ...connector, readProvider };
      },
    };
    await start({ version: 'v1', datasets: [LATER] }, slowConnector);
    put();
    finding = taken.opened;
    const refreshed = runtime.refresh('later').catch(() => undefined);
    const { addView } = QueryEngine.prototype;
    vi.spyOn(QueryEngine.prototype, 'addView').mockImplementationOnce(async function (this: QueryEngine, view) {
      await addView.call(this, view);
      reached.open();
    });
    // It waits for what looks for the dataset.
    const { forget } = Revivals.prototype;
    vi.spyOn(Revivals.prototype, 'forget').mockImplementationOnce(function (this: Revivals, dataset) {
      reached.open();
      return forget.call(this, dataset);
    });
    await write({ version: 'v1', views: [{ name: 'later', sql: 'SELECT 5 AS y' }] });
    const reloaded = runtime.reload();
    await reached.opened;
    taken.open();
    await reloaded;
    await refreshed;
    expect(await read('SELECT * FROM later')).toEqual([{ y: 5 }]);
  });

  it('keeps its name, however that is written, where a view cannot have it', async () => {
    put();
    await start({ version: 'v1', datasets: [{ ...LATER, name: 'Later' }] }, memoryConnector);
    const sql = "SELECT CAST(t AS INTEGER) AS y FROM (SELECT 'x' AS t UNION ALL SELECT 'y')";
    await write({ version: 'v1', views: [{ name: 'later', sql, acceleration: { engine: 'arrow' } }] });
    expect(await runtime.reload()).toMatchObject({ added: [], removed: [], failed: [{ name: 'later' }] });
    expect(runtime.datasets().map(({ name }) => name)).toEqual(['Later']);
    expect(await read('SELECT * FROM later')).toEqual([{ x: 1 }]);
    await write({ version: 'v1', views: [{ name: 'later', sql: 'SELECT 5 AS y' }] });
    expect(await runtime.reload()).toMatchObject({ added: ['later'], removed: ['Later'], failed: [] });
    expect(await read('SELECT * FROM later')).toEqual([{ y: 5 }]);
  });
});
