import { cancelledError, MillraceError, type RecordBatch, type Schema } from '@millrace/core';
import type { DuckDbConnection } from '../database/duckdb-database.ts';
import { openSource } from './batch-function.ts';
import { ROW_GROUP_ROWS } from './batch-slice.ts';
import { LoadQueue } from './load-queue.ts';
import { keeping } from './loop-turn.ts';
import { findScanFailure } from './scan-failure.ts';

/** What {@link loadBatches} loads, and where to. */
export interface LoadRequest {
  /** Runs the statements; the caller owns it and its transaction. */
  readonly connection: Pick<DuckDbConnection, 'run'>;
  /** The table's name as it stands in SQL, quoted and with its catalog where needed. */
  readonly target: string;
  /** The table's columns that the schema's go to, in the schema's order. Default: all columns of the table, in its order. */
  readonly columns?: readonly string[] | undefined;
  readonly schema: Schema;
  readonly batches: AsyncIterable<RecordBatch> | Iterable<RecordBatch>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Most threads that insert: while Node's thread fills a chunk for one, the others insert theirs; more would wait for Node's.
 *
 * Each reads whole row groups, as DuckDB copies the rows of a thread that has fewer once more.
 */
const MAX_THREADS = 3;

/** The column that tells a thread to pause; those of the batches are `c0`, `c1` and so on. */
const TURN = 'turn';

/**
 * One row that frees a plan from its order when it is joined to all others.
 *
 * DuckDB runs an INSERT on one thread as long as every source in its plan has an order. DISTINCT has none; the setting
 * `preserve_insertion_order` would hold for all connections. With one thread nothing is filled while a chunk is inserted, and
 * the thread that waits for the statement spins on a core meanwhile.
 */
const UNORDERED = '(SELECT DISTINCT range FROM range(1)) AS one';

/** How long an aborted load waits for its source to give way, before it leaves it behind. */
const RELEASE_TIMEOUT_MS = 1_000;

/**
 * Inserts record batches into a table, by a statement that goes on for as long as the source keeps up with it; a slower source gets a
 * statement whenever 737,280 rows or 192 MiB wait. Rows are pulled while a statement runs, up to that many ahead. Node's event loop
 * turns meanwhile.
 *
 * The rows of a load with at least 245,760 keep their order within runs of 122,880 only, as several threads insert them; smaller
 * loads keep it whole.
 *
 * DuckDB converts to the table's column types where they differ, and fails where a value does not fit. A schema without columns
 * inserts one null a row. After a failure the caller's transaction holds a part of the rows: roll it back. The stream of batches
 * is released in every case.
 *
 * @returns how many rows were inserted.
 * @throws MillraceError `cancelled` by the signal, `invalid_data` and `schema_mismatch` for batches that break their schema,
 * whatever the source throws, and what the statement fails with.
 */
export async function loadBatches(request: LoadRequest): Promise<bigint> {
  const { signal, schema, columns, target } = request;
  if (signal?.aborted) {
    throw cancelledError('duckdb', signal);
  }
  if (columns !== undefined && columns.length !== Math.max(1, schema.fields.length)) {
    throw new MillraceError({
      code: 'schema_mismatch',
      component: 'duckdb',
      message: `${columns.length} columns of table ${target} were named for ${schema.fields.length} of the batches`,
    });
  }
  const queue = new LoadQueue(schema, request.batches);
  const aborted = rejectOnAbort(signal);
  let total = 0n;
  try {
    while (await Promise.race([queue.ready(), aborted.promise])) {
      total += await insertRuns(request, queue);
    }
    return total;
  } finally {
    aborted.dispose();
    await settleWithin(queue.close(), RELEASE_TIMEOUT_MS);
  }
}

async function insertRuns(
  { connection, target, columns, schema, signal }: LoadRequest,
  queue: LoadQueue,
): Promise<bigint> {
  const { rowCount } = queue;
  const names = schema.fields.map((_, ordinal) => `c${ordinal}`);
  const maxThreads = Math.max(1, Math.min(MAX_THREADS, Math.floor(rowCount / ROW_GROUP_ROWS)));
  const begin = () => queue.runs();
  const source = openSource({ schema, rowCount: () => queue.rowCount, begin, names, turnColumn: TURN, maxThreads });
  const into = columns === undefined ? target : `${target} (${columns.map(quote).join(', ')})`;
  const from = maxThreads > 1 ? `${source.sql} AS batch, ${UNORDERED}` : `${source.sql} AS batch`;
  const rows = `SELECT batch.* EXCLUDE (${TURN}) FROM ${from} WHERE ${keeping(TURN)}`;
  try {
    return await connection.run(`INSERT INTO ${into} ${rows}`, undefined, { signal });
  } catch (error) {
    throw findScanFailure(error) ?? error;
  } finally {
    source.release();
  }
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

interface AbortWatch {
  /** Rejects with `cancelled` when the signal fires, and else never settles. */
  readonly promise: Promise<never>;
  dispose(): void;
}

function rejectOnAbort(signal: AbortSignal | undefined): AbortWatch {
  let onAbort = (): void => undefined;
  const promise = new Promise<never>((_, reject) => {
    onAbort = () => reject(cancelledError('duckdb', signal));
  });
  promise.catch(() => undefined);
  signal?.addEventListener('abort', onAbort, { once: true });
  return { promise, dispose: () => signal?.removeEventListener('abort', onAbort) };
}

/** Waits for a promise, but no longer than `timeoutMs`; how it settles does not matter, as an error is on its way already. */
async function settleWithin(promise: Promise<unknown>, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([promise.catch(() => undefined), timeout]);
  clearTimeout(timer);
}
