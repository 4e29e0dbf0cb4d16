import { memoryConnector, memoryDatabase } from '@millrace/connector-memory';
import { dataTypes, field } from '@millrace/core';
import { createRegistry } from '@millrace/core/registry';
import { ENGINES } from '@millrace/engines';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRuntime, type DatasetInput, type Runtime } from '../src/index.ts';

const STORE = 'partition-by';
const PARTITIONS = ['region', 'bucket(4, id)', 'truncate(10, id)'];

describe('partition_by', () => {
  const runtimes: Runtime[] = [];

  beforeEach(() => {
    memoryDatabase(STORE).put('orders', {
      schema: { fields: [field('id', dataTypes.int32()), field('region', dataTypes.utf8())] },
      rows: Array.from({ length: 1_000 }, (_, id) => [(id * 37) % 1_000, ['north', 'south', null][id % 3]]),
    });
  });
  afterEach(async () => {
    await Promise.all(runtimes.splice(0).map((runtime) => runtime.close()));
  });

  async function start(datasets: readonly DatasetInput[]): Promise<Runtime> {
    const runtime = await createRuntime({
      config: { datasets },
      registry: createRegistry({ connectors: [memoryConnector], accelerators: ENGINES }),
      logger: { debug() {}, info() {}, warn() {}, error() {} },
    });
    runtimes.push(runtime);
    return runtime;
  }
  const dataset = (name: string, acceleration: NonNullable<DatasetInput['acceleration']>): DatasetInput => ({
    from: 'memory:orders',
    name,
    params: { memory_database: STORE },
    acceleration,
  });

  const partitioning = ENGINES.filter(({ canPartition }) => canPartition).map(({ id }) => id);
  it.each(partitioning)('changes no result in %s', async (engine) => {
    const runtime = await start([
      dataset('plain', { engine }),
      dataset('kept', { engine, partition_by: PARTITIONS, primary_key: 'id' }),
    ]);
    for (const where of ['true', 'id = 7', 'id BETWEEN 20 AND 29', "region = 'north'", 'region IS NULL']) {
      const rowsOf = async (table: string) =>
        (await runtime.sql(`SELECT * FROM ${table} WHERE ${where} ORDER BY id`)).toRows();
      expect(await rowsOf('kept')).toEqual(await rowsOf('plain'));
    }
    await runtime.refresh('kept');
    expect(runtime.datasets()[1]).toMatchObject({ state: 'ready', rowCount: 1_000n });
  });

  const others = ENGINES.filter(({ canPartition }) => !canPartition).map(({ id }) => id);
  /** A server that nobody asks. */
  const paramsOf = (engine: string): Record<string, string> =>
    engine === 'postgres' ? { pg_host: '127.0.0.1', pg_db: 'd', pg_user: 'u' } : {};

  it.each(others)('is refused by %s, with the engines that can', async (engine) => {
    const acceleration = { engine, params: paramsOf(engine), partition_by: ['id'] };
    await expect(start([dataset('kept', acceleration)])).rejects.toMatchObject({
      code: 'invalid_config',
      hint: expect.stringMatching(/duckdb or arrow, or an index/),
    });
  });

  it.each(others)('nor are columns to sort by taken by %s', async (engine) => {
    const params = { ...paramsOf(engine), on_refresh_sort_columns: 'id' };
    await expect(start([dataset('kept', { engine, params })])).rejects.toMatchObject({
      code: 'unknown_parameter',
      message: expect.stringContaining('on_refresh_sort_columns'),
    });
  });

  it('names columns that are kept', async () => {
    await expect(start([dataset('kept', { engine: 'duckdb', partition_by: ['regoin'] })])).rejects.toMatchObject({
      code: 'invalid_config',
      message: expect.stringContaining('Did you mean region?'),
    });
  });
});
