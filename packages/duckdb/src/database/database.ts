import type { DuckDBInstance } from '@duckdb/node-api';
import { type MemoryUse, MillraceError, type RecordBatch, type Schema } from '@millrace/core';
import { type BatchRelation, registerBatches } from '../loading/batch-relation.ts';
import { Connection } from './connection.ts';
import type { AttachRequest, DuckDbConnection, DuckDbDatabase, FileAccess } from './duckdb-database.ts';
import { JoinFilterSwitch } from './join-filter-switch.ts';
import { MEMORY_SETTING, type MemoryLimit, readMemoryUse } from './memory-limit.ts';
import { rememberDatabase } from './own-databases.ts';
import { claimFile, type FileClaim } from './owner-registry.ts';

const IN_MEMORY = ':memory:';

/** What a database is made from. */
export interface DatabaseParts {
  readonly path: string;
  readonly instance: DuckDBInstance;
  readonly component: string;
  readonly claim: FileClaim | undefined;
  /** Undefined where join filters are off for good. */
  readonly joinFilters: JoinFilterSwitch | undefined;
  /** Undefined where the limit stays what it is. */
  readonly memory: MemoryLimit | undefined;
}

/** An open instance with its connections and the files that it owns. */
export class Database implements DuckDbDatabase {
  readonly path: string;
  readonly #instance: DuckDBInstance;
  readonly #component: string;
  readonly #connections: Set<Connection> = new Set();
  readonly #connecting: Set<Promise<DuckDbConnection>> = new Set();
  readonly #claim: FileClaim | undefined;
  readonly #joinFilters: JoinFilterSwitch | undefined;
  readonly #memory: MemoryLimit | undefined;
  /** Claims of attached files by alias, folded as DuckDB folds it. */
  readonly #attached: Map<string, FileClaim> = new Map();
  /** Claims of files that are being attached: what is closed meanwhile has let them go, even if the statement comes to its end. */
  readonly #attaching: Set<FileClaim> = new Set();
  #closing: Promise<void> | undefined;

  constructor({ path, instance, component, claim, joinFilters, memory }: DatabaseParts) {
    this.path = path;
    this.#instance = instance;
    this.#component = component;
    this.#claim = claim;
    this.#joinFilters = joinFilters;
    this.#memory = memory;
    rememberDatabase(this);
  }

  async attach({ path, alias, access = 'read_write' }: AttachRequest): Promise<void> {
    const claim = path === IN_MEMORY ? undefined : claimFile(path, this.#component);
    // Without the type, DuckDB makes an empty database in memory of a file of rows (CSV, JSON, Parquet), and nothing is kept.
    const options = access === 'read_only' ? ' (TYPE duckdb, READ_ONLY)' : ' (TYPE duckdb)';
    if (claim !== undefined) this.#attaching.add(claim);
    try {
      await this.withConnection((connection) =>
        connection.run(`ATTACH ${quoteText(path)} AS ${quoteName(alias)}${options}`),
      );
      if (claim !== undefined) this.#attached.set(alias.toLowerCase(), claim);
    } catch (error) {
      claim?.release();
      throw error;
    } finally {
      if (claim !== undefined) this.#attaching.delete(claim);
    }
  }

  async detach(alias: string): Promise<void> {
    await this.withConnection((connection) => connection.run(`DETACH ${quoteName(alias)}`));
    this.#attached.get(alias.toLowerCase())?.release();
    this.#attached.delete(alias.toLowerCase());
  }

  async connect(): Promise<DuckDbConnection> {
    this.#checkOpen();
    const connecting = this.#connect();
    this.#connecting.add(connecting);
    try {
      return await connecting;
    } finally {
      this.#connecting.delete(connecting);
    }
  }

  async withConnection<T>(use: (connection: DuckDbConnection) => Promise<T>): Promise<T> {
    const connection = await this.connect();
    try {
      return await use(connection);
    } finally {
      await connection.close();
    }
  }

  async restrictFileAccess({ paths, directories }: FileAccess): Promise<void> {
    await this.withConnection(async (connection) => {
      await connection.run(`SET GLOBAL allowed_paths = ${textList(paths)}`);
      await connection.run(`SET GLOBAL allowed_directories = ${textList(directories)}`);
      await connection.run('SET GLOBAL enable_external_access = false');
      const open = [
        ...(this.#joinFilters ? [JoinFilterSwitch.setting] : []),
        ...(this.#memory ? [MEMORY_SETTING] : []),
      ];
      if (open.length > 0) await connection.run(`SET GLOBAL allowed_configs = ${textList(open)}`);
      await connection.run('SET GLOBAL lock_configuration = true');
    });
  }

  registerBatches(relation: { readonly schema: Schema; readonly batches: readonly RecordBatch[] }): BatchRelation {
    return registerBatches(relation);
  }

  readMemoryUse(): Promise<MemoryUse> {
    return this.withConnection(readMemoryUse);
  }

  close(): Promise<void> {
    this.#closing ??= this.#shutDown();
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #connect(): Promise<DuckDbConnection> {
    const native = await this.#instance.connect();
    const connection: Connection = new Connection({
      native,
      component: this.#component,
      memorySetting: this.#memory?.setting,
      joinFilters: this.#joinFilters,
      onClose: () => this.#connections.delete(connection),
    });
    this.#connections.add(connection);
    if (this.#closing !== undefined) {
      await connection.close();
      this.#checkOpen();
    }
    return connection;
  }

  async #shutDown(): Promise<void> {
    // The instance may not be closed while it makes a connection: the binding would use it after it is gone.
    await Promise.allSettled(this.#connecting);
    await Promise.all([...this.#connections].map((connection) => connection.close()));
    this.#joinFilters?.close();
    this.#instance.closeSync();
    this.#claim?.release();
    for (const claim of [...this.#attached.values(), ...this.#attaching]) {
      claim.release();
    }
    this.#attached.clear();
    await this.#memory?.release();
  }

  #checkOpen(): void {
    if (this.#closing !== undefined) {
      throw new MillraceError({
        code: 'invalid_state',
        component: this.#component,
        message: `the database ${this.path} is closed`,
      });
    }
  }
}

function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function textList(texts: readonly string[]): string {
  return `[${texts.map(quoteText).join(', ')}]::VARCHAR[]`;
}
