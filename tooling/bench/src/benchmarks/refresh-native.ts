import type { Benchmark, RowSpec } from '../benchmark.ts';
import { prepareRefresh } from '../data/refresh-case.ts';

const row: RowSpec = {
  name: 'refresh-native',
  unit: 'ms',
  digits: 0,
  bar: { figure: 'ours_over_peer', comparison: 'at_most', limit: 1.3 },
};

/** A full refresh of a local Parquet file, which the engine reads by itself. */
export const refreshNative: Benchmark = {
  name: 'refresh-native',
  title: 'full refresh of local Parquet in DuckDB (native relation), against bare CREATE TABLE AS from the same file',
  statedRowCount: 2_000_000,
  rows: [row],
  prepare: (context) =>
    prepareRefresh({ row, path: 'native', toDataset: (file) => ({ from: `file:${file}`, name: 'lineitem' }) }, context),
};
