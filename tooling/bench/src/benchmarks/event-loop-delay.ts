import { setTimeout as sleep } from 'node:timers/promises';
import type { Benchmark } from '../benchmark.ts';
import { IN_DUCKDB, openBenchRuntime } from '../data/bench-runtime.ts';
import { delaysDuring } from '../data/delays-during.ts';
import { putIntoMemory } from '../data/lineitem-in-memory.ts';
import { LINEITEM } from '../data/order-tables.ts';
import { ensureParquetFile } from '../data/parquet-file.ts';

/** How long other work waits while a refresh runs on the same thread. */
export const eventLoopDelay: Benchmark = {
  name: 'event-loop-delay',
  title: 'event-loop delay while 2 M x 16 rows are refreshed through the contract’s scan, beside an idle process',
  statedRowCount: 2_000_000,
  rows: [
    { name: 'event-loop-delay-p99', unit: 'ms', bar: { figure: 'ours', comparison: 'at_most', limit: 10 } },
    { name: 'event-loop-delay-max', unit: 'ms', bar: { figure: 'ours', comparison: 'at_most', limit: 50 } },
  ],
  async prepare({ dataDirectory: directory, rowCount, own }) {
    const path = await ensureParquetFile({ directory, table: LINEITEM, lineCount: rowCount });
    const runtime = own(await openBenchRuntime([{ ...(await putIntoMemory(path)), acceleration: IN_DUCKDB }]));
    let refreshMs = 1_000;
    return {
      rowCount,
      cases: [
        {
          rows: ['event-loop-delay-p99', 'event-loop-delay-max'],
          ours: () =>
            delaysDuring(async () => {
              const report = await runtime.refresh('lineitem');
              if (report.path !== 'batches') throw new Error(`the refresh went by ${report.path}`);
              refreshMs = report.durationMs;
            }),
          peer: () => delaysDuring(() => sleep(refreshMs)),
        },
      ],
    };
  },
};
