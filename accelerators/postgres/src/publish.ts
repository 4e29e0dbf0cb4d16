import { randomUUID } from 'node:crypto';
import { type NewCheckpoint, toCheckpoint } from '@millrace/acceleration';
import type { CreateTableCommand, Schema } from '@millrace/core';
import { classifyError, type Session } from '@millrace/postgres';
import { type CheckpointRow, checkpointQuery, type StoredCheckpoint, writeCheckpoint } from './checkpoint-table.ts';
import { mergeRows } from './merge-rows.ts';
import type { RefreshMode } from './refresh.ts';
import type { Store } from './store.ts';
import type { TableNames } from './table-names.ts';
import { createIndexes, createKeyIndex } from './unique-rows.ts';
import type { WrittenVersion } from './written-version.ts';

/** What is published. */
export interface PublishRequest {
  readonly session: Session;
  readonly store: Store;
  readonly names: TableNames;
  readonly command: CreateTableCommand;
  readonly schema: Schema;
  readonly component: string;
  readonly signal: AbortSignal;
  readonly mode: RefreshMode;
  readonly written: WrittenVersion;
  /** Rows that were written. */
  readonly rowCount: bigint;
  readonly checkpoint: NewCheckpoint;
  /** What is there, under the lock of the refresh. */
  readonly replaced: StoredCheckpoint | undefined;
}

/**
 * Ends the transaction of a refresh: keys and indexes, then the checkpoint, which names the version from here on, and the COMMIT.
 *
 * @throws MillraceError `integrity` for rows that break a key or unique index; what the server reports.
 */
export async function publish(request: PublishRequest): Promise<StoredCheckpoint> {
  const { session, store, names, command, schema, checkpoint, written, rowCount, replaced, mode } = request;
  const table = { session, table: written.table, command, schema };
  const kept = rowCount - BigInt(await createKeyIndex(table));
  let version: { readonly relation: string; readonly rowCount: bigint };
  if (mode.kind === 'replace' || replaced === undefined) {
    await createIndexes(table);
    version = { relation: written.relation!, rowCount: kept };
  } else {
    const target = store.quoted(replaced.relation);
    const change = await mergeRows({ written: table, target, where: mode.where });
    version = { relation: replaced.relation, rowCount: replaced.checkpoint.rowCount + BigInt(change) };
  }
  const stored: StoredCheckpoint = {
    relation: version.relation,
    commitId: randomUUID(),
    checkpoint: toCheckpoint(checkpoint, { command, schema, rowCount: version.rowCount }),
  };
  const { sql, values } = writeCheckpoint(store.schema, names, stored);
  await session.execute(sql, values);
  try {
    await session.run('COMMIT');
  } catch (error) {
    if (!(await wasCommitted(request, stored, error))) throw error;
  }
  return stored;
}

/** A connection that broke during the COMMIT does not say what became of it. */
async function wasCommitted(
  { store, names, component, signal }: PublishRequest,
  { commitId }: StoredCheckpoint,
  error: unknown,
): Promise<boolean> {
  if (signal.aborted || !classifyError(error, { component, access: 'write' }).retryable) return false;
  try {
    const rows = await store.own({ component, signal }, (session) =>
      session.run<CheckpointRow>(checkpointQuery(store.schema, names)),
    );
    return rows[0]?.commit_id === commitId;
  } catch {
    return false;
  }
}
