import type { BenchCase, Benchmark, RowSpec } from '../benchmark.ts';
import { putIntoMemory } from '../data/lineitem-in-memory.ts';
import { prepareRefresh } from '../data/refresh-case.ts';

const MODES = { 'refresh-contract': 'memory', 'refresh-contract-file': 'file' } as const;

const ROWS = Object.keys(MODES).map(
  (name): RowSpec => ({
    name,
    unit: 'ms',
    digits: 0,
    bar: { figure: 'ours_over_peer', comparison: 'at_most', limit: 1.5 },
  }),
);

/** A full refresh of rows that come as record batches through the connector’s scan. */
export const refreshContract: Benchmark = {
  name: 'refresh-contract',
  title:
    'full refresh from memory through the contract’s scan, in memory and in a file, against bare CREATE TABLE AS from a Parquet file of the same rows',
  statedRowCount: 2_000_000,
  rows: ROWS,
  async prepare(context) {
    const cases: BenchCase[] = [];
    for (const [index, mode] of Object.values(MODES).entries())
      cases.push(await prepareRefresh({ row: ROWS[index]!, path: 'batches', mode, toDataset: putIntoMemory }, context));
    return { rowCount: context.rowCount, cases };
  },
};
