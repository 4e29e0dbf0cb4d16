import { type BuildValue, batchFromRows } from '@millrace/arrow';
import type {
  AcceleratedTable,
  Checkpoint,
  RecordBatch,
  RefreshRequest,
  RefreshSession,
  Schema,
  WriteResult,
} from '@millrace/core';
import { idleContext } from '../open-connector.ts';

/** Values in the order of a schema, row by row. */
export type SourceRows = readonly (readonly BuildValue[])[];

/** What the caller of a commit says. */
export type NewCheckpoint = Parameters<RefreshSession['commit']>[0];

/** A refresh to make. */
export interface Refresh {
  /** Of the source. */
  readonly schema: Schema;
  readonly rows: SourceRows;
  /** Default `overwrite`. */
  readonly mode?: RefreshRequest['mode'];
  readonly redefine?: RefreshRequest['redefine'];
  readonly checkpoint?: Partial<NewCheckpoint>;
  /** Rows of a batch; default 1,000. */
  readonly batchRowCount?: number;
}

/** Loads rows in one refresh, as a host does. */
export async function refreshTable(table: AcceleratedTable, refresh: Refresh): Promise<WriteResult> {
  const { mode = { kind: 'overwrite' }, redefine, checkpoint } = refresh;
  await using session = await table.beginRefresh({ mode, ...(redefine && { redefine }) }, idleContext());
  await writeBatches(session, batchesOf(refresh));
  return await session.commit(checkpointOf(checkpoint));
}

/** Writes batches with one writer, to its end. */
export async function writeBatches(session: RefreshSession, batches: Iterable<RecordBatch>): Promise<void> {
  await using writer = await session.writer();
  for (const batch of batches) await writer.write(batch);
  await writer.finish();
}

/** The rows of a refresh as batches of the source's schema; one without rows where there are none. */
export function batchesOf({ schema, rows, batchRowCount = 1_000 }: Refresh): RecordBatch[] {
  const batches: RecordBatch[] = [];
  for (let start = 0; start === 0 || start < rows.length; start += batchRowCount)
    batches.push(batchFromRows(schema, rows.slice(start, start + batchRowCount)));
  return batches;
}

/** A complete checkpoint with what matters to a check. */
export function checkpointOf(given: Partial<NewCheckpoint> = {}): NewCheckpoint {
  return { refreshedAtMs: 1_700_000_000_000, bootstrapComplete: true, ...given };
}

/** A checkpoint as text: equal for equal ones only. */
export function describeCheckpoint(checkpoint: Checkpoint | undefined): string {
  if (checkpoint === undefined) return 'none';
  const { watermark, offset, refreshedAtMs, rowCount, bootstrapComplete, definitionHash } = checkpoint;
  return JSON.stringify({
    watermark,
    offset,
    refreshedAtMs,
    rowCount: String(rowCount),
    bootstrapComplete,
    definitionHash,
  });
}
