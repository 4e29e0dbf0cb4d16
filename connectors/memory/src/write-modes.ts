import { type Breather, type Predicate, planFilter, schemasEqual } from '@millrace/arrow';
import { type ErrorCode, MillraceError, type RecordBatch, type WriteMode } from '@millrace/core';
import { makeChunks, partitionKeyText } from './chunks.ts';
import { checkConstraints, ordinalsOf, runStepsAsync } from './constraints.ts';
import { type Chunk, countRows, type RowChanges, type Snapshot, type TableShape } from './snapshot.ts';
import { splitChunks } from './split-chunks.ts';
import type { NextSnapshot, StoredTable } from './stored-table.ts';
import { upsertRows } from './upsert.ts';

/** A mode that was checked against the table. */
export type PreparedWrite =
  | { readonly kind: 'append' | 'overwrite' | 'overwrite_partitions' }
  | { readonly kind: 'overwrite_where'; readonly predicates: readonly Predicate[] }
  | {
      readonly kind: 'upsert';
      readonly ordinals: readonly number[];
      readonly key: readonly string[];
      readonly onConflict: 'update' | 'ignore' | 'error';
    };

/** Checks a mode before any row is written. @throws MillraceError `unsupported` or `invalid_argument` for one that cannot be done. */
export function prepareWrite(table: string, shape: TableShape, mode: WriteMode): PreparedWrite {
  switch (mode.kind) {
    case 'append':
    case 'overwrite':
      return { kind: mode.kind };
    case 'overwrite_partitions':
      if (shape.partitionColumns.length > 0) return { kind: mode.kind };
      throw refused(
        table,
        'unsupported',
        'the table has no partition columns',
        'Use overwrite, or create it with partitionBy',
      );
    case 'overwrite_where': {
      const plans = mode.filters.map((filter) => planFilter(filter, shape.schema));
      if (plans.every((plan) => plan.degree === 'exact'))
        return { kind: mode.kind, predicates: plans.flatMap((plan) => plan.predicates) };
      throw refused(
        table,
        'unsupported',
        'a filter of the overwrite cannot be evaluated exactly',
        'Use simpler filters',
      );
    }
    case 'upsert': {
      const ordinals = ordinalsOf(shape.schema, mode.key);
      if (ordinals.length === mode.key.length && ordinals.length > 0)
        return { kind: mode.kind, ordinals, key: mode.key, onConflict: mode.onConflict };
      throw refused(
        table,
        'invalid_argument',
        'the key names no column, or one that is not there',
        'Name columns of the table',
      );
    }
    case 'changes':
      throw refused(table, 'unsupported', 'the table takes rows, not changes of rows', 'Use upsert, and mutate');
    default: {
      const never: never = mode;
      return never;
    }
  }
}

/** Works out the version that a write makes of a base version. Changes nothing. */
export async function applyWrite(request: {
  readonly stored: StoredTable;
  readonly base: Snapshot;
  readonly prepared: PreparedWrite;
  readonly rows: readonly RecordBatch[];
  readonly breather: Breather;
  /** The shape that the rows were conformed to. */
  readonly expected: TableShape;
}): Promise<NextSnapshot> {
  const { stored, base, breather } = request;
  if (!schemasEqual(base.shape.schema, request.expected.schema))
    throw refused(
      stored.name,
      'conflict',
      'the columns were altered while the write was open',
      'Load the table and write again',
    );
  const effect = await effectOf(request);
  const { shape } = base;
  await runStepsAsync(
    checkConstraints({
      table: stored.name,
      schema: shape.schema,
      constraints: shape.constraints,
      kept: effect.kept.map((chunk) => chunk.batch),
      added: [...effect.updatedRows.map((part) => part.after.batch), ...effect.inserted],
    }),
    () => breather.breathe(),
  );
  const place = (parts: Parameters<typeof makeChunks>[0]['rows'], chunkCount: number): readonly Chunk[] =>
    makeChunks({
      table: stored.name,
      shape,
      rows: parts,
      partitionCount: stored.partitionCount,
      spread: 'round_robin',
      chunkCount,
    });
  const updated = place(
    effect.updatedRows.map((part) => part.after),
    effect.kept.length,
  );
  const inserted = place(
    effect.inserted.map((batch) => ({ batch, rowIds: { first: stored.reserveRowIds(batch.numRows) } })),
    effect.kept.length + updated.length,
  );
  const chunks = [...effect.kept, ...updated, ...inserted];
  const changes: RowChanges = { deleted: effect.deleted, updated: effect.updatedRows, inserted };
  return { chunks, rowCount: countRows(chunks), changes };
}

/** What a write does to the rows of its base version. */
export interface WriteEffect {
  readonly kept: readonly Chunk[];
  readonly deleted: readonly Chunk[];
  readonly updatedRows: RowChanges['updated'];
  readonly inserted: readonly RecordBatch[];
}

async function effectOf(request: {
  readonly stored: StoredTable;
  readonly base: Snapshot;
  readonly prepared: PreparedWrite;
  readonly rows: readonly RecordBatch[];
  readonly breather: Breather;
}): Promise<WriteEffect> {
  const { stored, base, prepared, rows, breather } = request;
  const { shape, chunks } = base;
  switch (prepared.kind) {
    case 'append':
      return { kept: chunks, deleted: [], updatedRows: [], inserted: rows };
    case 'overwrite':
      return { kept: [], deleted: chunks, updatedRows: [], inserted: rows };
    case 'overwrite_where': {
      const { selected, rest } = await splitChunks(chunks, prepared.predicates, breather);
      return { kept: rest, deleted: selected, updatedRows: [], inserted: rows };
    }
    case 'overwrite_partitions': {
      const placed = makeChunks({
        table: stored.name,
        shape,
        rows: rows.map((batch) => ({ batch, rowIds: { first: 0n } })),
        partitionCount: stored.partitionCount,
        spread: 'round_robin',
        chunkCount: 0,
      });
      const touched = new Set(placed.map((chunk) => partitionKeyText(chunk.key!, shape.partitionColumns)));
      const isTouched = (chunk: Chunk): boolean => touched.has(partitionKeyText(chunk.key!, shape.partitionColumns));
      return {
        kept: chunks.filter((chunk) => !isTouched(chunk)),
        deleted: chunks.filter(isTouched),
        updatedRows: [],
        inserted: rows,
      };
    }
    case 'upsert':
      return upsertRows({ table: stored.name, schema: shape.schema, chunks, rows, ...prepared, breather });
    default: {
      const never: never = prepared;
      return never;
    }
  }
}

function refused(table: string, code: ErrorCode, message: string, hint: string): MillraceError {
  return new MillraceError({ code, component: `table ${table}`, connector: 'memory', message, hint });
}
