import { isDeepStrictEqual } from 'node:util';
import {
  changedTable,
  checkedChanges,
  encodeCheckpoint,
  type LoadStart,
  type NewCheckpoint,
  RefreshStates,
  type RowSink,
  type StoredVersion,
  stagedChangeSchema,
  toCheckpoint,
} from '@millrace/acceleration';
import type { ChangedTable } from '@millrace/arrow';
import type { BatchWriter, CreateTableCommand, RefreshSession, Schema, WriteResult } from '@millrace/core';
import { classifySqliteError, type Query, SqliteFailure } from '@millrace/sqlite';
import { applyChanges } from './apply-changes.ts';
import { checkpointQuery, writeCheckpoint } from './checkpoint-table.ts';
import { mergeRows } from './merge-rows.ts';
import { createVersion, dropVersion, replaceView } from './open-table.ts';
import { rollBack, type SqliteFile, type WriterLease } from './sqlite-file.ts';
import type { CurrentVersion } from './sqlite-table.ts';
import { quoted, type TableNames } from './table-names.ts';
import { createIndexes, createKeyIndex, type WrittenTable } from './unique-rows.ts';
import { VersionSink } from './version-sink.ts';

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
  /** Ends the wait for its turn as well. */
  readonly closing: AbortSignal;
  /** Called before readers can see the new rows. */
  readonly onCommitting: () => void;
  readonly onCommitted: (current: StoredVersion) => void;
  /** Called once, when the refresh has been committed or aborted and holds nothing any more. */
  readonly onEnd: () => void;
}

/**
 * `replace`: the written rows are the next version. `merge`: they join those of the current one for which `where` is not TRUE. `changes`: they are changes
 * of the current one.
 */
export type RefreshMode =
  | { readonly kind: 'replace' }
  | { readonly kind: 'merge'; readonly where: Query }
  | { readonly kind: 'changes' };

/**
 * One refresh: a transaction in which the rows are written to a table of their own, which then takes the public name, or gives its rows to
 * the one that has it; together with the checkpoint. Without a commit it leaves nothing behind, whatever becomes of the process.
 */
export class SqliteRefresh implements RefreshSession {
  readonly #parts: RefreshParts;
  readonly #lease: WriterLease;
  readonly #replaced: CurrentVersion;
  readonly #version: number;
  readonly #states: RefreshStates;
  /** Where changes are written. */
  readonly #changed: ChangedTable | undefined;
  #committing: Promise<bigint> | undefined;

  private constructor(parts: RefreshParts, lease: WriterLease, changed: ChangedTable | undefined) {
    this.#parts = parts;
    this.#lease = lease;
    this.#changed = changed;
    this.#states = new RefreshStates({ ...parts, connector: 'sqlite' });
    this.#replaced = parts.current();
    this.#version = this.#replaced.version + 1;
  }

  static async begin(parts: RefreshParts): Promise<SqliteRefresh> {
    const { component, file, signal, closing } = parts;
    const changed = parts.mode.kind === 'changes' ? changedTable(parts.command, 'sqlite') : undefined;
    const lease = await file.lease(component, AbortSignal.any([signal, closing]));
    const refresh = new SqliteRefresh(parts, lease, changed);
    try {
      await refresh.#begin();
      return refresh;
    } catch (error) {
      await rollBack(lease.client);
      lease.release();
      throw refresh.#classified(error);
    }
  }

  writer(): Promise<BatchWriter> {
    return this.#states.writer(
      (start) => this.#prepare(start),
      () => this.#openSink(),
    );
  }

  async commit(checkpoint: NewCheckpoint): Promise<WriteResult> {
    const rowCount = await this.#states.commit((loadedCount) => {
      this.#committing = this.#commit(loadedCount, checkpoint);
      return this.#committing;
    });
    await this.abort();
    return { rowCount };
  }

  /** Waits for a commit that runs, rolls back what was not committed, and lets the next one write. */
  abort(): Promise<void> {
    return this.#states.end(async () => {
      try {
        // Rolled back between two of its statements, the others would be carried out each by itself.
        await this.#committing?.catch(() => undefined);
        await rollBack(this.#lease.client);
      } finally {
        this.#lease.release();
      }
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.abort();
  }

  #openSink(): RowSink {
    const { component, command, file, names, signal } = this.#parts;
    const { client } = this.#lease;
    const target = quoted(names.version(this.#version));
    const schema = this.#changed ? stagedChangeSchema(command.schema) : command.schema;
    const sink = new VersionSink({ component, file: file.path, client, target, schema, signal });
    return this.#changed ? checkedChanges(sink, this.#changed) : sink;
  }

  async #commit(loadedCount: bigint, checkpoint: NewCheckpoint): Promise<bigint> {
    const { file, onCommitted } = this.#parts;
    try {
      onCommitted(await this.#publish(loadedCount, checkpoint));
    } catch (error) {
      throw this.#classified(error);
    }
    await file.writeBack(this.#lease);
    return loadedCount;
  }

  #publish(loadedCount: bigint, checkpoint: NewCheckpoint): Promise<StoredVersion> {
    const { mode } = this.#parts;
    switch (mode.kind) {
      case 'replace':
        return this.#replace(loadedCount, checkpoint);
      case 'merge':
        return this.#merge(loadedCount, checkpoint, mode.where);
      case 'changes':
        return this.#applyChanges(checkpoint);
      default:
        return mode satisfies never;
    }
  }

  async #replace(rowCount: bigint, checkpoint: NewCheckpoint): Promise<StoredVersion> {
    const { names } = this.#parts;
    const written = this.#written();
    const kept = rowCount - BigInt(await createKeyIndex(written));
    await createIndexes(written);
    const current = this.#current(this.#version, kept, checkpoint);
    this.#parts.onCommitting();
    await this.#end(current, [...replaceView(names, this.#version), dropVersion(names, this.#replaced.version)]);
    return current;
  }

  async #merge(rowCount: bigint, checkpoint: NewCheckpoint, where: Query): Promise<StoredVersion> {
    const { names } = this.#parts;
    const { version, checkpoint: before } = this.#replaced;
    const written = this.#written();
    const duplicates = BigInt(await createKeyIndex(written));
    if (before === undefined) await this.#indexCurrent();
    const change = await mergeRows({ written, target: names.version(version), where });
    const total = (before?.rowCount ?? 0n) + rowCount - duplicates + BigInt(change);
    const current = this.#current(version, total, checkpoint);
    await this.#end(current, [dropVersion(names, this.#version)]);
    return current;
  }

  async #applyChanges(checkpoint: NewCheckpoint): Promise<StoredVersion> {
    const { names, schema } = this.#parts;
    const { version, checkpoint: before } = this.#replaced;
    if (before === undefined) await this.#indexCurrent();
    const change = await applyChanges({ written: this.#written(), target: names.version(version), schema });
    const current = this.#current(version, (before?.rowCount ?? 0n) + BigInt(change), checkpoint);
    await this.#end(current, [dropVersion(names, this.#version)]);
    return current;
  }

  /** Ends the transaction with these statements. Where the thread ends before it has answered, the database tells what came of it. */
  async #end(current: StoredVersion, statements: readonly string[]): Promise<void> {
    const { component, file, names } = this.#parts;
    const write = writeCheckpoint(names.key, current);
    try {
      await this.#lease.client.run([...statements, write, 'COMMIT']);
    } catch (error) {
      if (!(error instanceof SqliteFailure) || error.failure.kind !== 'lost') throw error;
      const { signal } = new AbortController();
      const found = await file.rows(component, [checkpointQuery(names.key)], signal).catch(() => []);
      if (!isDeepStrictEqual(found[0], [write.parameters.slice(1)]) || !this.#isOther(current)) throw error;
    }
  }

  /** Whether a checkpoint is told from the one before. */
  #isOther(current: StoredVersion): boolean {
    const { version, checkpoint } = this.#replaced;
    if (version !== current.version || checkpoint === undefined) return true;
    return !isDeepStrictEqual(encodeCheckpoint(checkpoint), encodeCheckpoint(current.checkpoint));
  }

  /** A version that was never loaded has no indexes. */
  async #indexCurrent(): Promise<void> {
    const table = this.#parts.names.version(this.#replaced.version);
    await createKeyIndex({ ...this.#written(), table });
    await createIndexes({ ...this.#written(), table });
  }

  #written(): WrittenTable {
    const { command, names } = this.#parts;
    return { client: this.#lease.client, table: names.version(this.#version), command, schema: this.#writtenSchema };
  }

  #current(version: number, rowCount: bigint, checkpoint: NewCheckpoint): StoredVersion {
    return { version, checkpoint: toCheckpoint(checkpoint, { ...this.#parts, rowCount }) };
  }

  get #writtenSchema(): Schema {
    const { schema } = this.#parts;
    return this.#changed ? stagedChangeSchema(schema) : schema;
  }

  async #begin(): Promise<void> {
    const { names } = this.#parts;
    await this.#lease.client.run(['BEGIN IMMEDIATE', createVersion(names, this.#version, this.#writtenSchema)]);
  }

  /** Makes the version empty and the transaction sound. */
  async #prepare(start: LoadStart): Promise<void> {
    if (start === 'empty') return;
    try {
      await rollBack(this.#lease.client);
      await this.#begin();
    } catch (error) {
      throw this.#classified(error);
    }
  }

  #classified(error: unknown): unknown {
    const { component, file } = this.#parts;
    return classifySqliteError(error, { component, file: file.path, access: 'write' });
  }
}
