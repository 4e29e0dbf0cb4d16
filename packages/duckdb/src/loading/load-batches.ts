import { cancelledError, MillraceError, type RecordBatch, type Schema } from '@millrace/core';
import type { DuckDbConnection } from '../database/duckdb-database.ts';
import { openSource } from './batch-function.ts';
import { findScanFailure } from './scan-failure.ts';
import { type Slab, toSlabs } from './slabs.ts';

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
  /** Told after each statement how many rows have been inserted in all. */
  readonly onProgress?: ((rowCount: number) => void) | undefined;
}

/** How long an aborted load waits for its source to give way, before it leaves it behind. */
const RELEASE_TIMEOUT_MS = 1_000;

/**
 * Inserts record batches into a table, one statement for up to 122,880 rows; the next rows are pulled while a statement runs.
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
  const slabs = toSlabs(request.batches);
  const aborted = rejectOnAbort(signal);
  let total = 0n;
  try {
    let pull = slabs.next();
    for (;;) {
      const next = await Promise.race([pull, aborted.promise]);
      if (next.done) {
        return total;
      }
      const inserting = insertSlab(request, next.value);
      pull = slabs.next();
      // A failure of the source is reported when its turn comes; until then it is not unhandled.
      pull.catch(() => undefined);
      total += await inserting;
      request.onProgress?.(Number(total));
    }
  } finally {
    aborted.dispose();
    await settleWithin(slabs.return(), RELEASE_TIMEOUT_MS);
  }
}

async function insertSlab({ connection, target, columns, schema, signal }: LoadRequest, slab: Slab): Promise<bigint> {
  const names = schema.fields.map((_, ordinal) => `c${ordinal}`);
  const source = openSource({ schema, slices: slab.slices, rowCount: slab.rowCount, names });
  const into = columns === undefined ? target : `${target} (${columns.map(quote).join(', ')})`;
  try {
    return await connection.run(`INSERT INTO ${into} SELECT * FROM ${source.sql}`, undefined, { signal });
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
