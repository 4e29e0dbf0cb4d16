import { batchFromColumns } from '@millrace/arrow';
import { memoryConnector, memoryDatabase } from '@millrace/connector-memory';
import { dataTypes, field, type Schema } from '@millrace/core';
import { createRegistry } from '@millrace/core/registry';
import { ENGINES } from '@millrace/engines';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRuntime, type DatasetInput, type Runtime } from '../src/index.ts';

const STORE = 'skipped-blocks';
const ROW_COUNT = 100_000;
const SCHEMA: Schema = {
  fields: [
    field('id', dataTypes.int32()),
    field('customer', dataTypes.int32()),
    field('moment', dataTypes.timestamp()),
  ],
};

describe('a copy in arrow', () => {
  let runtime: Runtime;

  beforeAll(async () => {
    const numbers = (of: (row: number) => number) => Int32Array.from({ length: ROW_COUNT }, (_, row) => of(row));
    const moments = BigInt64Array.from({ length: ROW_COUNT }, (_, row) => BigInt((row * 7) % 1_461) * 86_400_000_000n);
    const batch = batchFromColumns(SCHEMA, [numbers((row) => row), numbers((row) => (row * 7_919) % 10_000), moments]);
    memoryDatabase(STORE).put('orders', { schema: SCHEMA, batches: [batch] });
    const dataset = (name: string, acceleration?: DatasetInput['acceleration']): DatasetInput => ({
      from: 'memory:orders',
      name,
      params: { memory_database: STORE },
      ...(acceleration ? { acceleration } : {}),
    });
    runtime = await createRuntime({
      config: {
        datasets: [
          dataset('source'),
          dataset('kept', { engine: 'arrow' }),
          dataset('sorted', { engine: 'arrow', params: { on_refresh_sort_columns: 'customer' } }),
          dataset('months', { engine: 'arrow', partition_by: ['month(moment)'] }),
        ],
      },
      registry: createRegistry({ connectors: [memoryConnector], accelerators: ENGINES }),
      logger: { debug() {}, info() {}, warn() {}, error() {} },
    });
    await runtime.ready();
  });
  afterAll(() => runtime.close());

  /** What the explanation says of the blocks that are read. */
  async function blocksOf(sql: string): Promise<readonly string[]> {
    const { scans } = await runtime.explain(sql);
    return scans.map((scan) =>
      scan.access === 'scan'
        ? (/\d+ of \d+ blocks/.exec(scan.source?.notes?.join() ?? '')?.[0] ?? 'scan')
        : scan.access,
    );
  }

  it.each([
    ['SELECT count(*), sum(customer) FROM kept WHERE id = 77777', ['1 of 13 blocks']],
    ['SELECT count(*), sum(id) FROM sorted WHERE customer BETWEEN 4200 AND 4210', ['1 of 13 blocks']],
    ["SELECT count(*), sum(id) FROM kept WHERE id >= 99000 AND moment > TIMESTAMP '1971-01-01'", ['1 of 13 blocks']],
    [
      'SELECT count(*), sum(k.id + s.id) FROM kept k JOIN sorted s USING (customer) WHERE customer = 7',
      ['native', '1 of 13 blocks'],
    ],
    ['SELECT count(*) FROM kept WHERE id = -1', ['0 of 13 blocks']],
    // What leaves most rows, has no filter or names no order is read in place.
    ['SELECT count(*), sum(id) FROM kept WHERE id > 10', ['native']],
    ['SELECT count(*), sum(id) FROM kept WHERE customer = 7', ['native']],
    ['SELECT count(*), sum(id) FROM kept', ['native']],
  ])('reads for %s what its filters may want, and answers as its source does', async (sql, blocks) => {
    expect(await blocksOf(sql)).toEqual(blocks);
    const answer = async (text: string, pushdown: 'on' | 'off') => (await runtime.sql(text, { pushdown })).toRows();
    expect(await answer(sql, 'on')).toEqual(await answer(sql, 'off'));
    expect(await answer(sql, 'on')).toEqual(await answer(sql.replaceAll(/\b(kept|sorted)\b/g, 'source'), 'off'));
  });

  it('reads the rows of a range of dates that are kept together by a part of them', async () => {
    const sql = "SELECT count(*), sum(id) FROM months WHERE moment < TIMESTAMP '1970-02-01'";
    const [, readCount, blockCount] = /(\d+) of (\d+) blocks/.exec((await blocksOf(sql)).join()) ?? [];
    expect(Number(blockCount)).toBe(13);
    expect(Number(readCount)).toBeLessThanOrEqual(3);
    const rowsOf = async (text: string, pushdown: 'on' | 'off') => (await runtime.sql(text, { pushdown })).toRows();
    expect(await rowsOf(sql, 'on')).toEqual(await rowsOf(sql.replace('months', 'source'), 'off'));
  });
});
