import {
  type BatchWriter,
  type CreateTableCommand,
  cancelledError,
  type ErrorCode,
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
import { VersionWriter } from './version-writer.ts';
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

/** `replace`: the written rows are the next version. `merge`: they join those of the current one for which `where` is not TRUE. */
export type RefreshMode = { readonly kind: 'replace' } | { readonly kind: 'merge'; readonly where: Condition };

/** What the caller of a commit says. */
export type NewCheckpoint = Parameters<RefreshSession['commit']>[0];

/** `spoiled`: the transaction holds a part of the rows. */
type State =
  | { readonly kind: 'empty' | 'loading' | 'spoiled' | 'committing' | 'ended' }
  | { readonly kind: 'loaded'; readonly rowCount: bigint };

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
  #replaced: StoredCheckpoint | undefined;
  #state: State = { kind: 'empty' };
  #written: WrittenVersion | undefined;
  #writer: VersionWriter | undefined;
  #committing: Promise<StoredCheckpoint> | undefined;
  #ending: Promise<void> | undefined;
  #hasEnded = false;

  private constructor(parts: RefreshParts, session: Session) {
    this.#parts = parts;
    this.#session = session;
    parts.signal.addEventListener('abort', this.#interrupt, { once: true });
  }

  static async begin(parts: RefreshParts): Promise<PostgresRefresh> {
    const { store, component, signal } = parts;
    if (signal.aborted) throw cancelledError(component, signal);
    await store.presence.renew({ component, signal });
    const refresh = new PostgresRefresh(parts, await store.client.openExtra({ component, signal }));
    try {
      await refresh.#begin();
      return refresh;
    } catch (error) {
      refresh.#release();
      throw refresh.#classified(error);
    }
  }

  async writer(): Promise<BatchWriter> {
    const { component, command, signal } = this.#parts;
    const { kind } = this.#state;
    if (signal.aborted) throw cancelledError(component, signal);
    if (kind === 'loading' || kind === 'loaded')
      throw this.#error('invalid_state', 'a refresh takes the rows of one writer', 'Write all of them with it');
    if (kind === 'ended' || kind === 'committing')
      throw this.#error('invalid_state', 'the refresh has ended', 'Begin another one');
    this.#state = { kind: 'loading' };
    try {
      if (kind === 'spoiled') await this.#session.run(UNLOAD);
      this.#written = await createVersion({
        ...this.#parts,
        session: this.#session,
        target: this.#parts.mode.kind === 'replace' || this.#replaced === undefined ? 'version' : 'temporary',
      });
    } catch (error) {
      throw this.#classified(error);
    }
    this.#writer = new VersionWriter({
      component,
      copy: this.#session.copyIn(this.#written.copySql),
      schema: command.schema,
      signal,
      onEnd: (rowCount) => {
        if (this.#state.kind === 'loading')
          this.#state = rowCount === undefined ? { kind: 'spoiled' } : { kind: 'loaded', rowCount };
      },
    });
    return this.#writer;
  }

  async commit(checkpoint: NewCheckpoint): Promise<WriteResult> {
    const { component, signal } = this.#parts;
    if (this.#state.kind !== 'loaded')
      throw this.#error('invalid_state', 'a refresh was committed before its rows were written', 'Finish the writer');
    if (signal.aborted) throw cancelledError(component, signal);
    const { rowCount } = this.#state;
    this.#state = { kind: 'committing' };
    this.#committing = this.#publish(rowCount, checkpoint);
    let stored: StoredCheckpoint;
    try {
      stored = await this.#committing;
    } catch (error) {
      this.#state = { kind: 'ended' };
      throw this.#classified(error);
    }
    await this.#parts.onCommitted(stored, this.#session);
    this.#end();
    return { rowCount };
  }

  /** Stops what runs, and rolls back. Idempotent. */
  abort(): Promise<void> {
    this.#ending ??= this.#abort();
    return this.#ending;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.abort();
  }

  async #abort(): Promise<void> {
    if (this.#hasEnded) return;
    if (this.#state.kind === 'committing') {
      // An index may be in the making for long.
      await this.#session.cancel();
      await this.#committing?.catch(() => undefined);
      this.#end();
      return;
    }
    const timer = setTimeout(this.#interrupt, DISCARD_MS);
    try {
      await this.#writer?.discard();
      if (!this.#session.isOver) await this.#session.run('ROLLBACK');
    } catch {
      // The connection is closed, which rolls back as well.
    } finally {
      clearTimeout(timer);
      this.#end();
    }
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

  #publish(rowCount: bigint, checkpoint: NewCheckpoint): Promise<StoredCheckpoint> {
    return publish({
      ...this.#parts,
      session: this.#session,
      written: this.#written!,
      rowCount,
      checkpoint,
      replaced: this.#replaced,
    });
  }

  #end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#state = { kind: 'ended' };
    this.#release();
    this.#parts.onEnd();
  }

  #release(): void {
    this.#parts.signal.removeEventListener('abort', this.#interrupt);
    this.#session.end('keep');
  }

  #classified(error: unknown): MillraceError {
    const { component, signal } = this.#parts;
    return classifyError(error, { component, signal, access: 'write' });
  }

  #error(code: ErrorCode, message: string, hint: string): MillraceError {
    return new MillraceError({ code, component: this.#parts.component, connector: 'postgres', message, hint });
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
