import { arrowAccelerator } from '@millrace/accelerator-arrow';
import { duckdbAccelerator } from '@millrace/accelerator-duckdb';
import { memoryConnector, memoryDatabase } from '@millrace/connector-memory';
import { type ConnectorPlugin, dataTypes, defineConnector, field, MillraceError, type Schema } from '@millrace/core';
import { createRegistry } from '@millrace/core/registry';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRuntime, type Runtime, type RuntimeConfigInput } from '../src/index.ts';

const STORE = 'unavailable-datasets';
const PARAMS = { memory_database: STORE };
const HERE = { from: 'memory:here', name: 'here', params: PARAMS };
const LATER = { from: 'memory:later', name: 'later', params: PARAMS };

/** A connector whose tables have the given columns and no rows. */
function emptyConnector(schema: Schema): ConnectorPlugin {
  return defineConnector({
    id: 'empty',
    prefix: 'empty',
    parameters: [],
    create: () => ({
      readProvider: async () => ({
        schema,
        tableType: 'base',
        scan: () => {
          throw new TypeError('nothing scans it');
        },
      }),
      close: async () => {},
      [Symbol.asyncDispose]: async () => {},
    }),
  });
}

describe('datasets that cannot be served', () => {
  const runtimes: Runtime[] = [];

  async function start(config: RuntimeConfigInput, connectors: readonly ConnectorPlugin[] = []): Promise<Runtime> {
    const runtime = await createRuntime({
      config,
      registry: createRegistry({
        connectors: [memoryConnector, ...connectors],
        accelerators: [arrowAccelerator, duckdbAccelerator],
      }),
      logger: { debug() {}, info() {}, warn() {}, error() {} },
    });
    runtimes.push(runtime);
    return runtime;
  }
  const read = async (runtime: Runtime, sql: string) => (await runtime.sql(sql)).toRows();
  const put = (table: string) =>
    memoryDatabase(STORE).put(table, { schema: { fields: [field('x', dataTypes.int32())] }, rows: [[1]] });

  beforeEach(() => put('here'));
  afterEach(async () => {
    await Promise.all(runtimes.splice(0).map((runtime) => runtime.close()));
    memoryDatabase(STORE).drop('later');
  });

  it('leave the views over them waiting, and the rest working', async () => {
    const runtime = await start({
      datasets: [HERE, { ...LATER, acceleration: { engine: 'arrow' } }],
      views: [
        { name: 'first', sql: 'SELECT x + 1 AS y FROM later' },
        { name: 'second', sql: 'SELECT y + 1 AS z FROM first' },
        { name: 'other', sql: 'SELECT * FROM here' },
      ],
    });
    expect(await read(runtime, 'SELECT * FROM other')).toEqual([{ x: 1 }]);
    await expect(runtime.sql('SELECT * FROM second')).rejects.toMatchObject({ code: 'not_found' });
    expect(await read(runtime, 'SHOW TABLES')).toEqual([{ name: 'here' }, { name: 'other' }]);
    put('later');
    await runtime.refresh('later');
    expect(await read(runtime, 'SELECT * FROM second')).toEqual([{ z: 3 }]);
    expect(await read(runtime, 'SHOW TABLES')).toHaveLength(5);
  });

  it('are connected again by a refresh where nothing is accelerated, and say so', async () => {
    const runtime = await start({ datasets: [LATER] });
    await expect(runtime.refresh('later')).rejects.toMatchObject({ code: 'not_found' });
    put('later');
    expect(await runtime.refresh('LATER')).toMatchObject({ dataset: 'later', rowCount: 0n, path: 'reconnect' });
    expect(await read(runtime, 'SELECT * FROM later')).toEqual([{ x: 1 }]);
    await expect(runtime.refresh('later')).rejects.toMatchObject({ code: 'unsupported' });
  });

  it.each([
    ['append', 'invalid_config'],
    ['changes', 'not_yet_supported'],
    ['disabled', 'not_yet_supported'],
  ] as const)('are refused where the connector wants %s', async (mode, code) => {
    const picky = defineConnector({
      ...emptyConnector({ fields: [field('x', dataTypes.int32())] }),
      create: async (parameters, context) => ({
        ...(await emptyConnector({ fields: [field('x', dataTypes.int32())] }).create(parameters, context)),
        resolveRefreshMode: (requested) => requested ?? mode,
        [Symbol.asyncDispose]: async () => {},
      }),
    });
    const dataset = { from: 'empty:', name: 'odd' };
    await expect(start({ datasets: [{ ...dataset, acceleration: {} }] }, [picky])).rejects.toMatchObject({ code });
    const full = { ...dataset, acceleration: { refresh_mode: 'full' } } as const;
    expect((await start({ datasets: [full] }, [picky])).datasets()[0]).toMatchObject({ engine: 'arrow' });
  });

  it.each(['arrow', 'duckdb'])('are brought up once when two refreshes ask at the same time (%s)', async (engine) => {
    const runtime = await start({ datasets: [{ ...LATER, acceleration: { engine } }] });
    const fail = await Promise.allSettled([runtime.refresh('later'), runtime.refresh('later')]);
    expect(fail.map((result) => (result.status === 'rejected' ? result.reason.code : 'fulfilled'))).toEqual([
      'not_found',
      'not_found',
    ]);
    put('later');
    const reports = await Promise.all([runtime.refresh('later'), runtime.refresh('later')]);
    expect(reports.map(({ rowCount }) => rowCount)).toEqual([1n, 1n]);
    expect(runtime.datasets()[0]).toMatchObject({ state: 'ready', rowCount: 1n });
  });

  it.each([
    ['no column', { fields: [] }],
    ['columns that differ by case alone', { fields: [field('a', dataTypes.int32()), field('A', dataTypes.int32())] }],
  ])('are those with %s, and no others', async (_, schema) => {
    for (const acceleration of [undefined, { engine: 'arrow' }, { engine: 'duckdb' }]) {
      const empty = { from: 'empty:', name: 'odd', ...(acceleration ? { acceleration } : {}) };
      const runtime = await start({ datasets: [HERE, empty] }, [emptyConnector(schema)]);
      expect(await read(runtime, 'SELECT * FROM here')).toEqual([{ x: 1 }]);
      expect(runtime.datasets()[1]).toMatchObject({ state: 'error' });
      await expect(runtime.sql('SELECT * FROM odd')).rejects.toMatchObject({ name: 'MillraceError' });
    }
  });

  it('get a new connector at the next try when the first could not be made', async () => {
    let tries = 0;
    const flaky = defineConnector({
      ...emptyConnector({ fields: [field('x', dataTypes.int32())] }),
      create: async (parameters, context) => {
        tries += 1;
        if (tries === 1) throw new MillraceError({ code: 'io', component: 'source', message: 'it is down' });
        return memoryConnector.create(parameters, context);
      },
      id: 'flaky',
      prefix: 'memory',
      parameters: memoryConnector.parameters,
    });
    const dataset = { ...HERE, from: 'flaky:here', acceleration: { engine: 'arrow' } };
    const runtime = await start({ datasets: [dataset] }, [flaky]);
    await expect(runtime.sql('SELECT * FROM here')).rejects.toMatchObject({ code: 'io' });
    await runtime.refresh('here');
    expect(await read(runtime, 'SELECT * FROM here')).toEqual([{ x: 1 }]);
  });

  it.each([
    ['EXPLAIN SELECT * FROM here', 'rows'],
    ['DESCRIBE here', 'rows'],
    ['SHOW TABLES', 'rows'],
    ['SELECT * FROM information_schema.tables', 'rows'],
    ['SELECT * FROM here WHERE x = $1', 'parameters'],
  ])('never come from a refresh_sql like %s', async (sql, reason) => {
    const config = { datasets: [{ ...HERE, acceleration: { engine: 'arrow', refresh_sql: sql } }] };
    await expect(start(config)).rejects.toMatchObject({
      code: 'invalid_config',
      message: expect.stringContaining(reason),
    });
  });
});
