import { mysqlConnector } from '@millrace/connector-mysql';
import { postgresConnector } from '@millrace/connector-postgres';
import { sqliteConnector } from '@millrace/connector-sqlite';
import { IN_DUCKDB, openBenchRuntime } from '../data/bench-runtime.ts';
import type { AccelerationWork, DelayWork, RefreshMode, SourceWork } from '../data/delay-process.ts';
import { delaysDuring } from '../data/delays-during.ts';
import { drainScan } from '../data/drain-scan.ts';
import { putIntoMemory } from '../data/lineitem-in-memory.ts';
import { openSourceTable } from '../data/source-table.ts';

/** How much of its last rows an append reads again: about a seventh of all. */
const OVERLAP = '8760h';

/** Opens a source, works once to warm up, then works whenever the parent says so and answers with the delays of its event loop. */
const work = JSON.parse(process.argv[2] ?? '') as DelayWork;
const { run, close } = await open(work);
const runWhole = async (mode: RefreshMode): Promise<void> => {
  const rowCount = await run(mode);
  if (rowCount !== work.rowCount) throw new Error(`read ${rowCount} rows of ${work.rowCount}`);
};
process.on('message', (mode: RefreshMode) => {
  void delaysDuring(() => runWhole(mode)).then((sample) => process.send?.(sample));
});
process.on('disconnect', () => void close().then(() => process.exit()));
await runWhole('full');
process.send?.('ready');

interface OpenedWork {
  readonly run: (mode: RefreshMode) => Promise<number>;
  readonly close: () => Promise<void>;
}

function open(delayWork: DelayWork): Promise<OpenedWork> {
  switch (delayWork.work) {
    case 'scan':
      return openScan(delayWork);
    case 'refresh':
      return openRefresh(delayWork);
    case 'accelerate':
      return openAcceleration(delayWork);
    default:
      return delayWork satisfies never;
  }
}

async function openScan({ connector, path, parameters }: SourceWork): Promise<OpenedWork> {
  const plugin = [mysqlConnector, postgresConnector, sqliteConnector].find(({ id }) => id === connector);
  if (plugin === undefined) throw new Error(`no connector ${connector}`);
  const source = await openSourceTable({ plugin, path, parameters });
  return { run: () => drainScan(source.table), close: async () => source[Symbol.asyncDispose]() };
}

async function openRefresh({ connector, path, parameters }: SourceWork): Promise<OpenedWork> {
  const from = `${connector}:${path}`;
  const runtime = await openBenchRuntime([
    { from, name: 'copied', params: { ...parameters }, acceleration: IN_DUCKDB },
  ]);
  return { run: async () => Number((await runtime.refresh('copied')).rowCount), close: () => runtime.close() };
}

async function openAcceleration({ file, acceleration, rowCount }: AccelerationWork): Promise<OpenedWork> {
  const runtime = await openBenchRuntime([
    {
      ...(await putIntoMemory(file)),
      time_column: 'l_shipdate',
      acceleration: {
        ...acceleration,
        refresh_mode: 'append',
        refresh_append_overlap: OVERLAP,
        primary_key: '(l_orderkey, l_linenumber)',
      },
    },
  ]);
  return {
    run: async (mode) => {
      const report = await runtime.refresh('lineitem', { mode });
      const written = Number(report.rowCount);
      if (report.mode !== mode || written === 0) throw new Error(`refreshed ${written} rows by ${report.mode}`);
      return mode === 'full' ? written : rowCount;
    },
    close: () => runtime.close(),
  };
}
