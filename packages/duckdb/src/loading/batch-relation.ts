import type { RecordBatch, Schema } from '@millrace/core';
import { sqlTypeText } from '../type-mapping/to-duckdb-type.ts';
import { openSource, type SourceColumn } from './batch-function.ts';
import { type BatchSlice, checkWidth, type RunSource } from './batch-slice.ts';

/** Batches that stay in memory, as a relation of SQL; every query scans their buffers in place. */
export interface BatchRelation {
  /** Stands in FROM, for example `millrace_batches(17)` or a SELECT in parentheses; it carries no alias. */
  readonly sql: string;
  /** Withdraws the relation from new queries and lets the batches go; queries that run keep them to their end. Idempotent. */
  release(): void;
}

/**
 * Offers batches to SQL, without a copy, on any database whose instance has {@link registerBatchFunction}.
 *
 * The batches must not change until {@link BatchRelation.release}. The array may, while no query over it is planned or runs, so that a view
 * can be made beforehand and serve several queries. Any number of queries may scan them at once. Queries ask for the columns that they use
 * alone; filters run in the engine. Without columns the relation has one, `rows`, always null, for `count(*)`.
 *
 * @throws MillraceError as {@link openSource}, and `schema_mismatch` for a batch with another number of columns. Errors in buffers or
 * values surface in the query that meets them, where {@link findScanFailure} finds them.
 */
export function registerBatches(relation: {
  readonly schema: Schema;
  readonly batches: readonly RecordBatch[];
}): BatchRelation {
  for (const batch of relation.batches) {
    checkWidth(relation.schema, batch);
  }
  const { schema, batches } = relation;
  const rowCount = () => batches.reduce((total, { numRows }) => total + numRows, 0);
  const begin = () => oneRun(batches.map((batch) => ({ batch, start: 0, end: batch.numRows })));
  const { sql, columns, release } = openSource({ schema, rowCount, begin });
  return { sql: withCasts(sql, columns), release };
}

function oneRun(slices: readonly BatchSlice[]): RunSource {
  const runs = [slices];
  return { next: () => runs.shift() };
}

/** The call itself, or a SELECT that casts what is handed over in another type than it stands for. */
function withCasts(sql: string, columns: readonly SourceColumn[]): string {
  if (columns.every(({ type, carrier }) => type === carrier)) {
    return sql;
  }
  const list = columns.map(({ name, type, carrier }) => {
    const identifier = `"${name.replaceAll('"', '""')}"`;
    return type === carrier ? identifier : `CAST(${identifier} AS ${sqlTypeText(type)}) AS ${identifier}`;
  });
  return `(SELECT ${list.join(', ')} FROM ${sql})`;
}
