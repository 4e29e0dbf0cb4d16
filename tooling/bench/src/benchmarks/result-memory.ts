import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Benchmark, Sample } from '../benchmark.ts';
import { LINEITEM } from '../data/order-tables.ts';
import { ensureParquetFile } from '../data/parquet-file.ts';

const CHILD = fileURLToPath(new URL('../processes/result-memory.ts', import.meta.url));

/** How much memory a large result takes while it passes through, each sample in a process of its own. */
export const resultMemory: Benchmark = {
  name: 'result-memory',
  title: 'peak RSS of a process that streams 2 M x 16 rows of Parquet, against one whose runtime is idle',
  statedRowCount: 2_000_000,
  rows: [
    {
      name: 'result-memory',
      unit: 'MB',
      digits: 0,
      bar: { figure: 'ours_minus_peer', comparison: 'at_most', limit: 300 },
    },
  ],
  async prepare({ dataDirectory: directory, rowCount }) {
    const path = await ensureParquetFile({ directory, table: LINEITEM, lineCount: rowCount });
    return {
      rowCount,
      cases: [
        {
          rows: ['result-memory'],
          warmups: 0,
          ours: () => peakMemory(path, 'stream', rowCount),
          peer: () => peakMemory(path, 'idle', 0),
        },
      ],
    };
  },
};

async function peakMemory(path: string, activity: 'stream' | 'idle', expectedRowCount: number): Promise<Sample> {
  const { stdout } = await promisify(execFile)(process.execPath, [...process.execArgv, CHILD, path, activity]);
  const { rowCount, peakBytes } = JSON.parse(stdout) as { readonly rowCount: number; readonly peakBytes: number };
  if (rowCount !== expectedRowCount) throw new Error(`${rowCount} rows were streamed, not ${expectedRowCount}`);
  return [peakBytes / 1e6];
}
