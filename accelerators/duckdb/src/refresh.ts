import {
  type BatchWriter,
  type CreateTableCommand,
  cancelledError,
  isMillraceError,
  MillraceError,
  type NativeRelation,
  type RefreshSession,
  type Schema,
  type WriteResult,
} from '@millrace/core';
import type { DuckDbConnection } from '@millrace/duckdb';
import type { Catalog } from './catalog.ts';
import { writeCheckpoint } from './checkpoint-table.ts';
import type { CurrentVersion } from './duckdb-table.ts';
import { needsOrder } from './key-conflicts.ts';
import { loadRelation } from './load-relation.ts';
import type { LoadTarget } from './load-target.ts';
import { createNextVersion } from './next-version.ts';
import { dropVersions, replaceView } from './open-table.ts';
import { createStagedRows, type RefreshWrite } from './staged-rows.ts';
import type { TableNames } from './table-names.ts';
import { VersionWriter } from './version-writer.ts';

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
  readonly onCommitted: (current: CurrentVersion) => void;
  /** Called once, when the refresh has been committed or aborted and holds nothing any more. */
  readonly onEnd: () => void;
}

type NewCheckpoint = Parameters<RefreshSession['commit']>[0];

/** `spoiled`: the transaction holds a part of the rows, or was given up by the engine. */
type State =
  | { readonly kind: 'empty' | 'loading' | 'spoiled' | 'ended' }
  | { readonly kind: 'loaded'; readonly rowCount: bigint };

/**
 * One refresh: rows are loaded where no reader looks, and become the table's in one transaction with the checkpoint. Without a commit
 * it leaves nothing behind, whatever becomes of the process.
 */
export class DuckDbRefresh implements RefreshSession {
  readonly #parts: RefreshParts;
  readonly #connection: DuckDbConnection;
  readonly #target: LoadTarget;
  #state: State = { kind: 'empty' };
  #writer: VersionWriter | undefined;
  #ending: Promise<void> | undefined;

  private constructor(parts: RefreshParts, connection: DuckDbConnection) {
    this.#parts = parts;
    this.#connection = connection;
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

  async writer(): Promise<BatchWriter> {
    await this.#prepareToLoad();
    const { component, command, signal } = this.#parts;
    this.#writer = new VersionWriter({
      component,
      connection: this.#connection,
      target: this.#target.table,
      ordinal: this.#target.ordinal,
      schema: command.schema,
      signal,
      onEnd: (rowCount) => this.#endLoad(rowCount),
    });
    return this.#writer;
  }

  async loadNative(relation: NativeRelation, columns: readonly string[]): Promise<bigint | undefined> {
    await this.#prepareToLoad();
    const { catalog, command, schema, signal } = this.#parts;
    let rowCount: bigint | undefined;
    try {
      rowCount = await loadRelation({
        database: catalog.database,
        connection: this.#connection,
        target: this.#target.table,
        ordinal: this.#target.ordinal,
        source: command.schema,
        schema,
        relation,
        columns,
        signal,
      });
      return rowCount;
    } catch (error) {
      // The engine may not read the relation's files (a source that was connected late): the rows come as batches then.
      if (isMillraceError(error) && error.code === 'unauthorized') return undefined;
      throw error;
    } finally {
      this.#endLoad(rowCount);
    }
  }

  async commit(checkpoint: NewCheckpoint): Promise<WriteResult> {
    const { component, command, catalog, names, schema, current, signal, onCommitting, onCommitted } = this.#parts;
    const { definitionHash } = command;
    if (this.#state.kind !== 'loaded')
      throw this.#error('a refresh was committed before its rows were written', 'Finish the writer first');
    if (signal.aborted) throw cancelledError(component, signal);
    const loadedCount = this.#state.rowCount;
    this.#state = { kind: 'spoiled' };
    const { version, rowCount, writtenCount } = await this.#target.settle(loadedCount);
    const next = { version, checkpoint: { ...checkpoint, schema, definitionHash, rowCount } };
    await catalog.change(async () => {
      if (version !== current) {
        await replaceView(this.#connection, names, version);
        await dropVersions(this.#connection, names, [current]);
      }
      await writeCheckpoint(this.#connection, names, next);
      onCommitting();
      await this.#connection.run('COMMIT');
      onCommitted(next);
    });
    await this.#end();
    await catalog.checkpoint();
    return { rowCount: writtenCount };
  }

  async abort(reason?: unknown): Promise<void> {
    await this.#writer?.discard(reason);
    await this.#end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.abort();
  }

  /** Makes the target empty and the transaction sound. */
  async #prepareToLoad(): Promise<void> {
    const { component, signal } = this.#parts;
    if (signal.aborted) throw cancelledError(component, signal);
    const { kind } = this.#state;
    if (kind === 'ended') throw this.#error('the refresh has ended', 'Begin another one');
    if (kind === 'loading' || kind === 'loaded')
      throw this.#error('a refresh takes the rows of one writer', 'Write all of them with it');
    this.#state = { kind: 'loading' };
    try {
      await this.#target.prepare();
    } catch (error) {
      this.#endLoad(undefined);
      throw error;
    }
  }

  #endLoad(rowCount: bigint | undefined): void {
    if (this.#state.kind === 'loading')
      this.#state = rowCount === undefined ? { kind: 'spoiled' } : { kind: 'loaded', rowCount };
  }

  /** Closes the connection, which rolls back what was not committed. */
  #end(): Promise<void> {
    this.#ending ??= (async () => {
      this.#state = { kind: 'ended' };
      try {
        await this.#connection.close();
      } finally {
        this.#parts.onEnd();
      }
    })();
    return this.#ending;
  }

  #error(message: string, hint: string): MillraceError {
    return new MillraceError({
      code: 'invalid_state',
      component: this.#parts.component,
      connector: 'duckdb',
      message,
      hint,
    });
  }
}
