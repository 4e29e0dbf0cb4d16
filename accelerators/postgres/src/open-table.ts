import {
  type BootstrapStatus,
  type CreateTableCommand,
  datasetComponent,
  type ScanContext,
  type Schema,
} from '@millrace/core';
import type { Session } from '@millrace/postgres';
import {
  type CheckpointRow,
  checkpointTable,
  quoteText,
  readCheckpoint,
  type StoredCheckpoint,
} from './checkpoint-table.ts';
import type { Store } from './store.ts';
import { toStoredSchema } from './stored-schema.ts';
import { type TableNames, tableNames } from './table-names.ts';

/** A dataset's rows as they were found. */
export interface FoundTable {
  readonly names: TableNames;
  /** What readers of the table get. */
  readonly schema: Schema;
  readonly status: BootstrapStatus;
  /** Undefined where there are no rows of this definition. */
  readonly stored: StoredCheckpoint | undefined;
}

/**
 * Finds the dataset's rows at the server, and says that this process has them open. Rows of another definition are left to the processes that have
 * that one; they give way when rows of this definition are there and nobody needs them.
 *
 * @throws MillraceError `unsupported_type` and what else `toStoredSchema` refuses, and what connecting reports.
 */
export async function openTable(
  store: Store,
  command: CreateTableCommand,
  { signal }: ScanContext,
): Promise<FoundTable> {
  const schema = toStoredSchema(command);
  const names = tableNames(command, schema);
  const component = datasetComponent(command);
  const use = { component, signal };
  return await store.own(use, async (session) => {
    await store.prepare(session, component);
    // Before the rows are looked for: from here on nobody lets them give way.
    await store.presence.hold(names, use);
    try {
      const rows = await readRows(store, session, names.dataset);
      const row = rows.find(({ definition }) => definition === names.definition);
      await store.sweep(session, component);
      if (row === undefined || !row.is_there)
        return { names, schema, stored: undefined, status: statusWithout(rows, row !== undefined) };
      const stored = readCheckpoint(row);
      if (!stored.checkpoint.bootstrapComplete)
        return { names, schema, stored, status: { kind: 'discarded', reason: 'it was not loaded completely' } };
      return { names, schema, stored, status: { kind: 'ready', checkpoint: stored.checkpoint } };
    } catch (error) {
      await store.presence.release(names);
      throw error;
    }
  });
}

/** A row of the checkpoint table, and whether its table is there. */
export type FoundRow = CheckpointRow & { readonly is_there: boolean };

/** What the server knows of a dataset, of every definition, the newest first. */
export async function readRows({ schema }: Store, session: Session, dataset: string): Promise<readonly FoundRow[]> {
  const isThere = `EXISTS (SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = ${quoteText(schema)} AND c.relname = k.relation)`;
  return await session.run<FoundRow>(
    `SELECT k.*, ${isThere} AS is_there FROM ${checkpointTable(schema)} k WHERE dataset = ${quoteText(dataset)} ORDER BY refreshed_at_ms DESC, definition`,
  );
}

function statusWithout(rows: readonly FoundRow[], isGone: boolean): BootstrapStatus {
  if (isGone) return { kind: 'discarded', reason: 'its table is missing' };
  if (rows.length === 0) return { kind: 'empty' };
  return { kind: 'discarded', reason: 'the definition or the columns of the dataset have changed' };
}
