import type { Benchmark, RowSpec } from '../benchmark.ts';
import { putIntoMemory } from '../data/lineitem-in-memory.ts';
import { prepareRefresh } from '../data/refresh-case.ts';

const row: RowSpec = {
  name: 'refresh-contract',
  unit: 'ms',
  digits: 0,
  bar: { figure: 'ours_over_peer', comparison: 'at_most', limit: 1.5 },
};

/** A full refresh of rows that come as record batches through the connector’s scan. */
export const refreshContract: Benchmark = {
  name: 'refresh-contract',
  title:
    'full refresh from memory through the contract’s scan, against bare CREATE TABLE AS from a Parquet file of the same rows',
  statedRowCount: 2_000_000,
  rows: [row],
  prepare: (context) => prepareRefresh({ row, path: 'batches', toDataset: putIntoMemory }, context),
};
