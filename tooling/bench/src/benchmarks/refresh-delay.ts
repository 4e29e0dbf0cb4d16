import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchCase, Benchmark, RowSpec, Sample } from '../benchmark.ts';
import { DelayProcess, type RefreshMode } from '../data/delay-process.ts';
import { delaysDuring } from '../data/delays-during.ts';
import { ENGINES, openEnginePlace } from '../data/engine-place.ts';
import { LINEITEM } from '../data/order-tables.ts';
import { ensureParquetFile } from '../data/parquet-file.ts';

const MODES = ['full', 'append'] as const;
const IDLE_MS = 500;

const ROWS = ENGINES.flatMap((engine) =>
  MODES.flatMap((mode): readonly RowSpec[] => [
    {
      name: `refresh-delay-${engine}-${mode}-p99`,
      unit: 'ms',
      bar: { figure: 'ours', comparison: 'at_most', limit: 10 },
    },
    {
      name: `refresh-delay-${engine}-${mode}-max`,
      unit: 'ms',
      bar: { figure: 'ours', comparison: 'at_most', limit: 50 },
    },
  ]),
);

/** How long other work waits while any engine’s copy, with a primary key, is refreshed on the same thread. */
export const refreshDelay: Benchmark = {
  name: 'refresh-delay',
  title:
    'event-loop delay of a process that refreshes a copy with a primary key from batches in its memory, in full or by an append that replaces a year of seven, for each engine, beside an idle process',
  statedRowCount: 2_000_000,
  rows: ROWS,
  async prepare(context) {
    const { dataDirectory: directory, rowCount, own } = context;
    const file = await ensureParquetFile({ directory, table: LINEITEM, lineCount: rowCount });
    const cases: BenchCase[] = [];
    // One process at a time: each holds all rows twice.
    let running: DelayProcess | undefined;
    const sample = async (refreshing: DelayProcess, mode: RefreshMode): Promise<Sample> => {
      if (running !== refreshing) await running?.[Symbol.asyncDispose]();
      running = refreshing;
      return refreshing.sample(mode);
    };
    for (const engine of ENGINES) {
      const { acceleration, serverPid } = await openEnginePlace(engine, context);
      const refreshing = own(new DelayProcess({ work: 'accelerate', file, acceleration, rowCount }, serverPid));
      for (const mode of MODES) {
        const name = `refresh-delay-${engine}-${mode}`;
        cases.push({
          rows: [`${name}-p99`, `${name}-max`],
          repeats: 7,
          ours: () => sample(refreshing, mode),
          peer: () => delaysDuring(() => sleep(IDLE_MS)),
        });
      }
    }
    return { rowCount, cases };
  },
};
