import { mysqlConnector } from '@millrace/connector-mysql';
import { postgresConnector } from '@millrace/connector-postgres';
import { sqliteConnector } from '@millrace/connector-sqlite';
import { IN_DUCKDB, openBenchRuntime } from '../data/bench-runtime.ts';
import type { DelayWork } from '../data/delay-process.ts';
import { delaysDuring } from '../data/delays-during.ts';
import { drainScan } from '../data/drain-scan.ts';
import { openSourceTable } from '../data/source-table.ts';

/** Opens a source, works once to warm up, then works whenever the parent says so and answers with the delays of its event loop. */
const work = JSON.parse(process.argv[2] ?? '') as DelayWork;
const { run, close } = work.work === 'scan' ? await openScan(work) : await openRefresh(work);
const runWhole = async (): Promise<void> => {
  const rowCount = await run();
  if (rowCount !== work.rowCount) throw new Error(`read ${rowCount} rows of ${work.rowCount}`);
};
process.on('message', () => void delaysDuring(runWhole).then((sample) => process.send?.(sample)));
process.on('disconnect', () => void close().then(() => process.exit()));
await runWhole();
process.send?.('ready');

interface OpenedWork {
  readonly run: () => Promise<number>;
  readonly close: () => Promise<void>;
}

async function openScan({ connector, path, parameters }: DelayWork): Promise<OpenedWork> {
  const plugin = [mysqlConnector, postgresConnector, sqliteConnector].find(({ id }) => id === connector);
  if (plugin === undefined) throw new Error(`no connector ${connector}`);
  const source = await openSourceTable({ plugin, path, parameters });
  return { run: () => drainScan(source.table), close: async () => source[Symbol.asyncDispose]() };
}

async function openRefresh({ connector, path, parameters }: DelayWork): Promise<OpenedWork> {
  const from = `${connector}:${path}`;
  const runtime = await openBenchRuntime([
    { from, name: 'copied', params: { ...parameters }, acceleration: IN_DUCKDB },
  ]);
  return { run: async () => Number((await runtime.refresh('copied')).rowCount), close: () => runtime.close() };
}
