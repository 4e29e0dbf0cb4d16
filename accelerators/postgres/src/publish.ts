import { randomUUID } from 'node:crypto';
import { type NewCheckpoint, stagedChangeSchema, toCheckpoint } from '@millrace/acceleration';
import type { CreateTableCommand, Schema } from '@millrace/core';
import { classifyError, type Session } from '@millrace/postgres';
import { applyChanges } from './apply-changes.ts';
import { type CheckpointRow, checkpointQuery, type StoredCheckpoint, writeCheckpoint } from './checkpoint-table.ts';
import { mergeRows } from './merge-rows.ts';
import type { RefreshMode } from './refresh.ts';
import { takeRefreshLock } from './refresh-lock.ts';
import type { Store } from './store.ts';
import type { TableNames } from './table-names.ts';
import { createIndexes, createKeyIndex } from './unique-rows.ts';
import { createVersion, type WrittenVersion } from './written-version.ts';

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
  /** Aborts when nobody wants to know any more whether it was committed. */
  readonly givingUp: AbortSignal;
}

/** Longest wait for the server to end a transaction whose connection broke. */
const SETTLE_MS = 30_000;

/**
 * Ends the transaction of a refresh: keys and indexes, then the checkpoint, which names the version from here on, and the COMMIT.
 *
 * @throws MillraceError `integrity` for rows that break a key or unique index; what the server reports.
 */
export async function publish(request: PublishRequest): Promise<StoredCheckpoint> {
  const { session, store, names, command, schema, checkpoint, mode } = request;
  const version = await (mode.kind === 'changes' ? changeVersion(request) : settleVersion(request, mode));
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

interface SettledVersion {
  readonly relation: string;
  readonly rowCount: bigint;
}

/** Makes the written rows the version, or part of the one that is there. */
async function settleVersion(
  { session, store, command, schema, written, rowCount, replaced }: PublishRequest,
  mode: Exclude<RefreshMode, { readonly kind: 'changes' }>,
): Promise<SettledVersion> {
  const table = { session, table: written.table, command, schema };
  const kept = rowCount - BigInt(await createKeyIndex(table));
  if (mode.kind === 'replace' || replaced === undefined) {
    await createIndexes(table);
    return { relation: written.relation!, rowCount: kept };
  }
  const target = store.quoted(replaced.relation);
  const change = await mergeRows({ written: table, target, where: mode.where });
  return { relation: replaced.relation, rowCount: replaced.checkpoint.rowCount + BigInt(change) };
}

/** Applies the written changes to the version that is there, or to an empty one. */
async function changeVersion(request: PublishRequest): Promise<SettledVersion> {
  const { session, store, command, schema, written, replaced } = request;
  const { relation, rowCount } = replaced
    ? { relation: replaced.relation, rowCount: replaced.checkpoint.rowCount }
    : await createEmptyVersion(request);
  const change = await applyChanges({
    written: { session, table: written.table, command, schema: stagedChangeSchema(schema) },
    target: store.quoted(relation),
    schema,
  });
  return { relation, rowCount: rowCount + BigInt(change) };
}

async function createEmptyVersion(request: PublishRequest): Promise<SettledVersion> {
  const { session, command, schema } = request;
  const { table, relation } = await createVersion({ ...request, target: 'version' });
  await createKeyIndex({ session, table, command, schema });
  await createIndexes({ session, table, command, schema });
  return { relation: relation!, rowCount: 0n };
}

/**
 * A connection that broke during the COMMIT does not say what became of it. The server may still be at it, and then holds the lock of the refresh: nobody
 * knows before it is free.
 */
async function wasCommitted(
  { store, names, component, signal, givingUp }: PublishRequest,
  { commitId }: StoredCheckpoint,
  error: unknown,
): Promise<boolean> {
  if (signal.aborted || !classifyError(error, { component, access: 'write' }).retryable) return false;
  const use = { component, signal: AbortSignal.any([signal, givingUp, AbortSignal.timeout(SETTLE_MS)]) };
  try {
    const rows = await store.own(use, (session) =>
      store.transaction(session, async () => {
        await takeRefreshLock({ ...use, session, schema: store.schema, names });
        return await session.run<CheckpointRow>(checkpointQuery(store.schema, names));
      }),
    );
    return rows[0]?.commit_id === commitId;
  } catch {
    return false;
  }
}
