import {
  type BatchWriter,
  type CreateTableCommand,
  cancelledError,
  MillraceError,
  type RefreshSession,
  type Schema,
  type WriteResult,
} from '@millrace/core';
import { classifySqliteError, type Query } from '@millrace/sqlite';
import { type StoredCheckpoint, writeCheckpoint } from './checkpoint-table.ts';
import { mergeRows } from './merge-rows.ts';
import { createVersion, dropVersion, replaceView } from './open-table.ts';
import { rollBack, type SqliteFile, type WriterLease } from './sqlite-file.ts';
import type { CurrentVersion } from './sqlite-table.ts';
import { quoted, type TableNames } from './table-names.ts';
import { createIndexes, createKeyIndex, type WrittenTable } from './unique-rows.ts';
import { VersionWriter } from './version-writer.ts';

/** What one refresh works with. */
export interface RefreshParts {
  readonly component: string;
  readonly command: CreateTableCommand;
  readonly file: SqliteFile;
  readonly names: TableNames;
  /** The columns of the table. */
  readonly schema: Schema;
  readonly mode: RefreshMode;
  /** The version that is there; asked once the refresh has its turn. */
  readonly current: () => CurrentVersion;
  readonly signal: AbortSignal;
  /** Called before readers can see the new rows. */
  readonly onCommitting: () => void;
  readonly onCommitted: (current: CurrentVersion) => void;
  /** Called once, when the refresh has been committed or aborted and holds nothing any more. */
  readonly onEnd: () => void;
}

/** `replace`: the written rows are the next version. `merge`: they join those of the current one for which `where` is not TRUE. */
export type RefreshMode = { readonly kind: 'replace' } | { readonly kind: 'merge'; readonly where: Query };

type NewCheckpoint = Parameters<RefreshSession['commit']>[0];

/** `spoiled`: the transaction holds a part of the rows, or has failed. */
type State =
  | { readonly kind: 'empty' | 'loading' | 'spoiled' | 'ended' }
  | { readonly kind: 'loaded'; readonly rowCount: bigint };

/**
 * One refresh: a transaction in which the rows are written to a table of their own, which then takes the public name, or gives its rows to
 * the one that has it; together with the checkpoint. Without a commit it leaves nothing behind, whatever becomes of the process.
 */
export class SqliteRefresh implements RefreshSession {
  readonly #parts: RefreshParts;
  readonly #lease: WriterLease;
  readonly #replaced: CurrentVersion;
  readonly #version: number;
  #state: State = { kind: 'empty' };
  #writer: VersionWriter | undefined;
  #ending: Promise<void> | undefined;

  private constructor(parts: RefreshParts, lease: WriterLease) {
    this.#parts = parts;
    this.#lease = lease;
    this.#replaced = parts.current();
    this.#version = this.#replaced.version + 1;
  }

  static async begin(parts: RefreshParts): Promise<SqliteRefresh> {
    const { component, file, signal } = parts;
    const lease = await file.lease(component, signal);
    const refresh = new SqliteRefresh(parts, lease);
    try {
      await refresh.#begin();
      return refresh;
    } catch (error) {
      await rollBack(lease.client);
      lease.release();
      throw refresh.#classified(error);
    }
  }

  async writer(): Promise<BatchWriter> {
    await this.#prepareToLoad();
    const { component, command, file, names, signal } = this.#parts;
    this.#writer = new VersionWriter({
      component,
      file: file.path,
      client: this.#lease.client,
      target: quoted(names.version(this.#version)),
      schema: command.schema,
      signal,
      onEnd: (rowCount) => this.#endLoad(rowCount),
    });
    return this.#writer;
  }

  async commit(checkpoint: NewCheckpoint): Promise<WriteResult> {
    const { component, file, signal, onCommitted } = this.#parts;
    if (this.#state.kind !== 'loaded')
      throw this.#error('a refresh was committed before its rows were written', 'Finish the writer first');
    if (signal.aborted) throw cancelledError(component, signal);
    const { rowCount } = this.#state;
    this.#state = { kind: 'spoiled' };
    let current: CurrentVersion;
    try {
      current = await (this.#parts.mode.kind === 'replace'
        ? this.#replace(rowCount, checkpoint)
        : this.#merge(rowCount, checkpoint, this.#parts.mode.where));
    } catch (error) {
      throw this.#classified(error);
    }
    onCommitted(current);
    // Whatever keeps the log from being written back, the rows are committed.
    await file.writeBack(this.#lease).catch(() => undefined);
    await this.#end();
    return { rowCount };
  }

  async abort(): Promise<void> {
    await this.#writer?.discard();
    await this.#end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.abort();
  }

  async #replace(rowCount: bigint, checkpoint: NewCheckpoint): Promise<CurrentVersion> {
    const { names } = this.#parts;
    const written = this.#written();
    const kept = rowCount - BigInt(await createKeyIndex(written));
    await createIndexes(written);
    const current = this.#current(this.#version, kept, checkpoint);
    this.#parts.onCommitting();
    await this.#lease.client.run([
      ...replaceView(names, this.#version),
      dropVersion(names, this.#replaced.version),
      writeCheckpoint(names.key, current),
      'COMMIT',
    ]);
    return current;
  }

  async #merge(rowCount: bigint, checkpoint: NewCheckpoint, where: Query): Promise<CurrentVersion> {
    const { names } = this.#parts;
    const { version, checkpoint: before } = this.#replaced;
    const written = this.#written();
    const duplicates = BigInt(await createKeyIndex(written));
    if (before === undefined) await this.#indexCurrent();
    const change = await mergeRows({ written, target: names.version(version), where });
    const total = (before?.rowCount ?? 0n) + rowCount - duplicates + BigInt(change);
    const current = this.#current(version, total, checkpoint);
    await this.#lease.client.run([dropVersion(names, this.#version), writeCheckpoint(names.key, current), 'COMMIT']);
    return current;
  }

  /** A version that was never loaded has no indexes. */
  async #indexCurrent(): Promise<void> {
    const table = this.#parts.names.version(this.#replaced.version);
    await createKeyIndex({ ...this.#written(), table });
    await createIndexes({ ...this.#written(), table });
  }

  #written(): WrittenTable {
    const { command, names, schema } = this.#parts;
    return { client: this.#lease.client, table: names.version(this.#version), command, schema };
  }

  #current(version: number, rowCount: bigint, checkpoint: NewCheckpoint): StoredCheckpoint {
    const { command, schema } = this.#parts;
    return { version, checkpoint: { ...checkpoint, schema, definitionHash: command.definitionHash, rowCount } };
  }

  async #begin(): Promise<void> {
    const { names, schema } = this.#parts;
    await this.#lease.client.run(['BEGIN IMMEDIATE', createVersion(names, this.#version, schema)]);
  }

  /** Makes the version empty and the transaction sound. */
  async #prepareToLoad(): Promise<void> {
    const { component, signal } = this.#parts;
    if (signal.aborted) throw cancelledError(component, signal);
    const { kind } = this.#state;
    if (kind === 'ended') throw this.#error('the refresh has ended', 'Begin another one');
    if (kind === 'loading' || kind === 'loaded')
      throw this.#error('a refresh takes the rows of one writer', 'Write all of them with it');
    this.#state = { kind: 'loading' };
    if (kind === 'empty') return;
    try {
      await rollBack(this.#lease.client);
      await this.#begin();
    } catch (error) {
      throw this.#classified(error);
    }
  }

  #endLoad(rowCount: bigint | undefined): void {
    if (this.#state.kind === 'loading')
      this.#state = rowCount === undefined ? { kind: 'spoiled' } : { kind: 'loaded', rowCount };
  }

  /** Rolls back what was not committed, and lets the next one write. */
  #end(): Promise<void> {
    this.#ending ??= (async () => {
      this.#state = { kind: 'ended' };
      try {
        await rollBack(this.#lease.client);
      } finally {
        this.#lease.release();
        this.#parts.onEnd();
      }
    })();
    return this.#ending;
  }

  #classified(error: unknown): unknown {
    const { component, file } = this.#parts;
    return classifySqliteError(error, { component, file: file.path, access: 'write' });
  }

  #error(message: string, hint: string): MillraceError {
    return new MillraceError({
      code: 'invalid_state',
      component: this.#parts.component,
      connector: 'sqlite',
      message,
      hint,
    });
  }
}
