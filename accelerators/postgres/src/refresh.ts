import {
  changedTable,
  checkedChanges,
  type LoadStart,
  type NewCheckpoint,
  RefreshStates,
  type RowSink,
  stagedChangeSchema,
} from '@millrace/acceleration';
import type { ChangedTable } from '@millrace/arrow';
import {
  type BatchWriter,
  type CreateTableCommand,
  cancelledError,
  MillraceError,
  type RefreshSession,
  type Schema,
  type WriteResult,
} from '@millrace/core';
import { classifyError, type Session } from '@millrace/postgres';
import {
  type CheckpointRow,
  checkpointQuery,
  quoteText,
  readCheckpoint,
  type StoredCheckpoint,
} from './checkpoint-table.ts';
import type { Condition } from './merge-rows.ts';
import { publish } from './publish.ts';
import { takeRefreshLock } from './refresh-lock.ts';
import type { Store } from './store.ts';
import type { TableNames } from './table-names.ts';
import { VersionSink } from './version-sink.ts';
import { createVersion, type WrittenVersion } from './written-version.ts';

/** What one refresh works with. */
export interface RefreshParts {
  readonly component: string;
  readonly command: CreateTableCommand;
  readonly store: Store;
  readonly names: TableNames;
  /** The columns of the table. */
  readonly schema: Schema;
  readonly mode: RefreshMode;
  readonly signal: AbortSignal;
  /** Aborts when the table is closed, which ends the wait for a turn. */
  readonly closing: AbortSignal;
  /** `rows`: what is written joins rows that have been there, and is not all that the table shall hold. */
  readonly expects: 'rows' | 'anything';
  /** Told what is at the server once the refresh has its turn. */
  readonly onFound: (stored: StoredCheckpoint | undefined) => void;
  /** May use the session before it ends. */
  readonly onCommitted: (stored: StoredCheckpoint, session: Session) => Promise<void>;
  /** Called once, when the refresh has been committed or aborted and holds nothing any more. */
  readonly onEnd: () => void;
}

/**
 * `replace`: the written rows are the next version. `merge`: they join those of the current one for which `where` is not TRUE. `changes`: they are changes
 * of the current one.
 */
export type RefreshMode =
  | { readonly kind: 'replace' }
  | { readonly kind: 'merge'; readonly where: Condition }
  | { readonly kind: 'changes' };

/** Longest wait for the server to forget what was written, before the connection is closed instead. */
const DISCARD_MS = 5_000;
const LOAD = 'SAVEPOINT load';
const UNLOAD = 'ROLLBACK TO SAVEPOINT load';

/**
 * One refresh: a transaction in which rows are written to a table of their own, which then is the next version, or gives its rows to the current
 * one; together with the checkpoint. Without a commit the server forgets all of it, whatever becomes of the process.
 */
export class PostgresRefresh implements RefreshSession {
  readonly #parts: RefreshParts;
  readonly #session: Session;
  readonly #interrupt = (): void => void this.#session.cancel();
  readonly #states: RefreshStates;
  /** Where changes are written. */
  readonly #changed: ChangedTable | undefined;
  #replaced: StoredCheckpoint | undefined;
  #written: WrittenVersion | undefined;
  #committing: Promise<bigint> | undefined;
  /** Aborts when a commit is given up. */
  readonly #givingUp: AbortController = new AbortController();

  private constructor(parts: RefreshParts, session: Session, changed: ChangedTable | undefined) {
    this.#parts = parts;
    this.#session = session;
    this.#changed = changed;
    this.#states = new RefreshStates({ ...parts, connector: 'postgres' });
    parts.signal.addEventListener('abort', this.#interrupt, { once: true });
  }

  static async begin(parts: RefreshParts): Promise<PostgresRefresh> {
    const { store, component, signal } = parts;
    if (signal.aborted) throw cancelledError(component, signal);
    const changed = parts.mode.kind === 'changes' ? changedTable(parts.command, 'postgres') : undefined;
    await store.presence.renew({ component, signal });
    const refresh = new PostgresRefresh(parts, await store.client.openExtra({ component, signal }), changed);
    try {
      await refresh.#session.until(parts.closing, () => refresh.#begin());
      return refresh;
    } catch (error) {
      refresh.#release();
      throw parts.closing.aborted ? cancelledError(component, parts.closing) : refresh.#classified(error);
    }
  }

  writer(): Promise<BatchWriter> {
    return this.#states.writer(
      (start) => this.#prepare(start),
      () => this.#openSink(),
    );
  }

  async commit(checkpoint: NewCheckpoint): Promise<WriteResult> {
    this.#committing = this.#states.commit((loadedCount) => this.#publish(loadedCount, checkpoint));
    const rowCount = await this.#committing;
    await this.abort();
    return { rowCount };
  }

  /** Stops what runs, and rolls back what was not committed. Idempotent. */
  async abort(): Promise<void> {
    const timer = setTimeout(this.#interrupt, DISCARD_MS);
    try {
      await this.#states.end(async (from) => {
        // An index may be in the making for long.
        if (from === 'committing') {
          this.#givingUp.abort();
          await this.#session.cancel();
        }
        await this.#committing?.catch(() => undefined);
        // Where the connection is closed meanwhile, that rolls back as well.
        if (from !== 'ended' && !this.#session.isOver) await this.#session.run('ROLLBACK').catch(() => undefined);
        this.#release();
      });
    } finally {
      clearTimeout(timer);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.abort();
  }

  async #begin(): Promise<void> {
    const { store, names, component, signal, closing, expects, onFound } = this.#parts;
    const session = this.#session;
    await store.prepare(session, component);
    await store.begin(session);
    const ended = AbortSignal.any([signal, closing]);
    await takeRefreshLock({ session, schema: store.schema, names, component, signal: ended });
    this.#replaced = await findRows(session, store, names);
    onFound(this.#replaced);
    if (this.#replaced === undefined && expects === 'rows')
      throw new MillraceError({
        code: 'not_found',
        component,
        connector: 'postgres',
        message: 'the rows that others are to be added to are gone from the server',
        hint: 'Refresh it again: all rows are loaded then',
        retryable: true,
      });
    await session.run(LOAD);
  }

  /** Makes the transaction what it was before rows were loaded, and a table for them. */
  async #prepare(start: LoadStart): Promise<void> {
    const { mode, schema } = this.#parts;
    const isVersion = mode.kind === 'replace' || (mode.kind === 'merge' && this.#replaced === undefined);
    try {
      if (start === 'spoiled') await this.#session.run(UNLOAD);
      this.#written = await createVersion({
        ...this.#parts,
        schema: this.#changed ? stagedChangeSchema(schema) : schema,
        session: this.#session,
        target: isVersion ? 'version' : 'temporary',
      });
    } catch (error) {
      throw this.#classified(error);
    }
  }

  #openSink(): RowSink {
    const { component, command, signal } = this.#parts;
    const schema = this.#changed ? stagedChangeSchema(command.schema) : command.schema;
    const sink = new VersionSink({ component, copy: this.#session.copyIn(this.#written!.copySql), schema, signal });
    return this.#changed ? checkedChanges(sink, this.#changed) : sink;
  }

  /** Gives the count of rows that were written. */
  async #publish(rowCount: bigint, checkpoint: NewCheckpoint): Promise<bigint> {
    let stored: StoredCheckpoint;
    try {
      stored = await publish({
        ...this.#parts,
        session: this.#session,
        written: this.#written!,
        rowCount,
        checkpoint,
        replaced: this.#replaced,
        givingUp: this.#givingUp.signal,
      });
    } catch (error) {
      throw this.#classified(error);
    }
    await this.#parts.onCommitted(stored, this.#session);
    return rowCount;
  }

  #release(): void {
    this.#parts.signal.removeEventListener('abort', this.#interrupt);
    this.#session.end('keep');
  }

  #classified(error: unknown): MillraceError {
    const { component, signal } = this.#parts;
    return classifyError(error, { component, signal, access: 'write' });
  }
}

/** What is there: a checkpoint whose table somebody has dropped counts as none. */
async function findRows(session: Session, store: Store, names: TableNames): Promise<StoredCheckpoint | undefined> {
  const [row] = await session.run<CheckpointRow>(checkpointQuery(store.schema, names));
  if (row === undefined) return undefined;
  const stored = readCheckpoint(row);
  const table = quoteText(store.quoted(stored.relation));
  const [found] = await session.run<{ readonly exists: boolean }>(`SELECT to_regclass(${table}) IS NOT NULL AS exists`);
  return found?.exists === true ? stored : undefined;
}
