import type { BenchCase, Benchmark, RowSpec } from '../benchmark.ts';
import { prepareRefresh } from '../data/refresh-case.ts';

const MODES = { 'refresh-native': 'memory', 'refresh-native-file': 'file' } as const;

const ROWS = Object.keys(MODES).map(
  (name): RowSpec => ({
    name,
    unit: 'ms',
    digits: 0,
    bar: { figure: 'ours_over_peer', comparison: 'at_most', limit: 1.3 },
  }),
);

/** A full refresh of a local Parquet file, which the engine reads by itself. */
export const refreshNative: Benchmark = {
  name: 'refresh-native',
  title:
    'full refresh of local Parquet in DuckDB (native relation), in memory and in a file, against bare CREATE TABLE AS from the same file',
  statedRowCount: 2_000_000,
  rows: ROWS,
  async prepare(context) {
    const cases: BenchCase[] = [];
    for (const [index, mode] of Object.values(MODES).entries())
      cases.push(
        await prepareRefresh(
          {
            row: ROWS[index]!,
            path: 'native',
            mode,
            toDataset: (file) => ({ from: `file:${file}`, name: 'lineitem' }),
          },
          context,
        ),
      );
    return { rowCount: context.rowCount, cases };
  },
};
