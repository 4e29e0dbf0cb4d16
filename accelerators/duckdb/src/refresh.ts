import {
  changedTable,
  checkedChanges,
  type NewCheckpoint,
  RefreshStates,
  type RowSink,
  type StoredVersion,
  toCheckpoint,
} from '@millrace/acceleration';
import type { ChangedTable } from '@millrace/arrow';
import {
  type BatchWriter,
  type CreateTableCommand,
  cancelledError,
  changeSchema,
  isMillraceError,
  type NativeRelation,
  type RefreshSession,
  type Schema,
  type WriteResult,
} from '@millrace/core';
import type { DuckDbConnection } from '@millrace/duckdb';
import type { Catalog } from './catalog.ts';
import { writeCheckpoint } from './checkpoint-table.ts';
import { needsOrder } from './key-conflicts.ts';
import { loadRelation } from './load-relation.ts';
import type { LoadTarget } from './load-target.ts';
import { createNextVersion } from './next-version.ts';
import { dropVersions, replaceView } from './open-table.ts';
import { createStagedRows, type RefreshWrite } from './staged-rows.ts';
import type { TableNames } from './table-names.ts';
import { VersionSink } from './version-sink.ts';

/** What one refresh works with. */
export interface RefreshParts {
  readonly component: string;
  readonly command: CreateTableCommand;
  readonly catalog: Catalog;
  readonly names: TableNames;
  /** The columns of the table. */
  readonly schema: Schema;
  /** Keys in SQL by which loaded rows are ordered. */
  readonly clusterOrder: readonly string[];
  readonly mode: RefreshWrite;
  /** Number of the version that is there. */
  readonly current: number;
  readonly signal: AbortSignal;
  /** Called before readers can see the new rows. */
  readonly onCommitting: () => void;
  readonly onCommitted: (current: StoredVersion) => void;
  /** Called once, when the refresh has been committed or aborted and holds nothing any more. */
  readonly onEnd: () => void;
}

/**
 * One refresh: rows are loaded where no reader looks, and become the table's in one transaction with the checkpoint. Without a commit
 * it leaves nothing behind, whatever becomes of the process.
 */
export class DuckDbRefresh implements RefreshSession {
  readonly #parts: RefreshParts;
  readonly #connection: DuckDbConnection;
  readonly #target: LoadTarget;
  readonly #states: RefreshStates;
  /** Where changes are written. */
  readonly #changed: ChangedTable | undefined;
  /** Settles once the COMMIT has ended; never rejects. */
  #committing: Promise<unknown> | undefined;

  private constructor(parts: RefreshParts, connection: DuckDbConnection) {
    this.#parts = parts;
    this.#connection = connection;
    this.#states = new RefreshStates({ ...parts, connector: 'duckdb' });
    this.#changed = parts.mode.kind === 'changes' ? changedTable(parts.command, 'duckdb') : undefined;
    const isDirect = parts.mode.kind === 'overwrite' && !needsOrder(parts.command) && parts.clusterOrder.length === 0;
    const targetParts = { ...parts, connection };
    this.#target = isDirect ? createNextVersion(targetParts) : createStagedRows(targetParts, parts.mode);
  }

  static async begin(parts: RefreshParts): Promise<DuckDbRefresh> {
    if (parts.signal.aborted) throw cancelledError(parts.component, parts.signal);
    const connection = await parts.catalog.database.connect();
    try {
      return new DuckDbRefresh(parts, connection);
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  writer(): Promise<BatchWriter> {
    return this.#states.writer(
      () => this.#target.prepare(),
      () => this.#openSink(),
    );
  }

  loadNative(relation: NativeRelation, columns: readonly string[]): Promise<bigint | undefined> {
    const { table, ordinal } = this.#target;
    const { catalog, command, schema, signal } = this.#parts;
    // The engine reads relations in any order.
    if (this.#changed) return Promise.resolve(undefined);
    return this.#states.load(async () => {
      await this.#target.prepare();
      try {
        return await loadRelation({
          database: catalog.database,
          connection: this.#connection,
          target: table,
          ordinal,
          source: command.schema,
          schema,
          relation,
          columns,
          signal,
        });
      } catch (error) {
        // The engine may not read the relation's files (a source that was connected late): the rows come as batches then.
        if (isMillraceError(error) && error.code === 'unauthorized') return undefined;
        throw error;
      }
    });
  }

  async commit(checkpoint: NewCheckpoint): Promise<WriteResult> {
    const rowCount = await this.#states.commit((loadedCount) => this.#publish(loadedCount, checkpoint));
    await this.abort();
    await this.#parts.catalog.checkpoint();
    return { rowCount };
  }

  /**
   * Closes the connection, which rolls back what was not committed. A COMMIT that runs is waited for, as closing would interrupt it: DuckDB looks for
   * interrupts after it has committed as well, and then tells of a failure where there was none.
   */
  abort(reason?: unknown): Promise<void> {
    return this.#states.end(async () => {
      await this.#committing;
      await this.#connection.close();
    }, reason);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.abort();
  }

  #openSink(): RowSink {
    const { table: target, ordinal } = this.#target;
    const { component, command, signal } = this.#parts;
    const schema = this.#changed ? changeSchema(command.schema) : command.schema;
    const sink = new VersionSink({ component, connection: this.#connection, target, ordinal, schema, signal });
    return this.#changed ? checkedChanges(sink, this.#changed) : sink;
  }

  /** Gives the count of rows that were written. */
  async #publish(loadedCount: bigint, checkpoint: NewCheckpoint): Promise<bigint> {
    const { catalog, command, names, current, onCommitting, onCommitted } = this.#parts;
    const { version, rowCount, writtenCount } = await this.#target.settle(loadedCount);
    const next = { version, checkpoint: toCheckpoint(checkpoint, { ...this.#parts, rowCount }) };
    await catalog.change(async () => {
      if (version !== current) {
        await replaceView(this.#connection, { names, version, command });
        await dropVersions(this.#connection, names, [current]);
      }
      await writeCheckpoint(this.#connection, names, next);
      onCommitting();
      const committing = this.#connection.run('COMMIT');
      this.#committing = committing.catch(() => undefined);
      await committing;
      onCommitted(next);
    });
    return writtenCount;
  }
}
