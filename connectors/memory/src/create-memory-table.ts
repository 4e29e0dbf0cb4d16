import type { RecordBatch } from '@millrace/core';
import { makeChunks } from './chunks.ts';
import { createConformer } from './conform-batch.ts';
import { checkConstraints, runSteps } from './constraints.ts';
import { countRows, type Snapshot, type TableShape } from './snapshot.ts';
import { createStoredTable, type NextSnapshot, type StoredTable } from './stored-table.ts';
import { createTableProvider, type MemoryTable } from './table.ts';
import { batchesOf, invalidOptions, type MemoryTableOptions, shapeOf } from './table-options.ts';

/** Versions kept where nobody says otherwise. */
const DEFAULT_VERSIONS_KEPT = 8;

/**
 * Creates a table that belongs to no database, for tests and for providers made by code.
 *
 * @throws MillraceError `invalid_argument` for options that contradict each other, `schema_mismatch`, `integrity` or `invalid_data`
 * for rows that do not fit.
 */
export function createMemoryTable(options: MemoryTableOptions & { readonly name?: string }): MemoryTable {
  return createTableProvider(storeTable(options.name ?? 'memory', options));
}

/** Creates the versions of a table with the rows that the options give. */
export function storeTable(name: string, options: MemoryTableOptions): StoredTable {
  const shape = shapeOf(name, options);
  const partitionCount = options.partitionCount ?? 1;
  const versionsKept = options.versionsKept ?? DEFAULT_VERSIONS_KEPT;
  if (!Number.isInteger(partitionCount) || partitionCount < 1)
    throw invalidOptions(name, 'partitionCount is not a whole number from 1', 'Leave it out for one partition');
  if (!Number.isInteger(versionsKept) || versionsKept < 1)
    throw invalidOptions(name, 'versionsKept is not a whole number from 1', 'Leave it out for the default');
  const batches = conformAll(name, shape, batchesOf(name, options, shape.schema));
  return createStoredTable({ name, partitionCount, versionsKept }, (reserveRowIds) => ({
    shape,
    ...fillWith({ name, shape, batches, partitionCount, reserveRowIds }),
  }));
}

/** Puts other rows, and if need be another shape, in the place of those that a table has, as one new version. */
export function replaceContents(stored: StoredTable, options: MemoryTableOptions): void {
  const shape = shapeOf(stored.name, options);
  const batches = conformAll(stored.name, shape, batchesOf(stored.name, options, shape.schema));
  const { chunks, rowCount, changes } = fillWith({
    name: stored.name,
    shape,
    batches,
    partitionCount: stored.partitionCount,
    reserveRowIds: stored.reserveRowIds,
  });
  const deleted = stored.current.chunks;
  stored.publish({ shape, chunks, rowCount, changes: { ...changes, deleted } });
}

function conformAll(name: string, shape: TableShape, batches: readonly RecordBatch[]): readonly RecordBatch[] {
  const conformed = batches.flatMap((batch) =>
    createConformer({ table: name, source: batch.schema, target: shape.schema, defaults: shape.defaults }).conform(
      batch,
    ),
  );
  runSteps(
    checkConstraints({ table: name, schema: shape.schema, constraints: shape.constraints, kept: [], added: conformed }),
  );
  return conformed;
}

function fillWith(request: {
  readonly name: string;
  readonly shape: TableShape;
  readonly batches: readonly RecordBatch[];
  readonly partitionCount: number;
  readonly reserveRowIds: StoredTable['reserveRowIds'];
}): NextSnapshot & Pick<Snapshot, 'rowCount'> {
  const { name, shape, batches, partitionCount, reserveRowIds } = request;
  const rows = batches.map((batch) => ({ batch, rowIds: { first: reserveRowIds(batch.numRows) } }));
  const chunks = makeChunks({ table: name, shape, rows, partitionCount, spread: 'evenly', chunkCount: 0 });
  return { chunks, rowCount: countRows(chunks), changes: { deleted: [], updated: [], inserted: chunks } };
}
