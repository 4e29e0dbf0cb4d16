import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cancelledError, type MemoryBudget, MillraceError } from '@millrace/core';
import { type DuckDbConnection, type DuckDbDatabase, openDatabase } from '@millrace/duckdb';

/** What a sort of many rows may hold before it spills. */
const MEMORY_BYTES = 1_000_000_000;
/** With less, wide rows cannot be sorted though they could spill. */
const LEAST_MEMORY_BYTES = 32 * 2 ** 20;

/** The connector's own DuckDB instance, opened when first needed. */
export class FileEngine implements AsyncDisposable {
  readonly #tempDirectory: string = join(tmpdir(), `millrace-file-${randomUUID()}`);
  readonly #memory: MemoryBudget | undefined;
  #database: Promise<DuckDbDatabase> | undefined;
  #closed: Promise<void> | undefined;

  constructor(memory?: MemoryBudget) {
    this.#memory = memory;
  }

  /**
   * Works with a connection, which an abort interrupts and which is closed afterwards.
   * @throws MillraceError `cancelled` once the signal aborts, `invalid_state` once the engine was closed.
   */
  async use<T>(signal: AbortSignal, work: (connection: DuckDbConnection) => Promise<T>): Promise<T> {
    const database = await this.database();
    if (signal.aborted) throw cancelledError('file connector', signal);
    const connection = await database.connect();
    const stop = (): void => void connection.close();
    signal.addEventListener('abort', stop, { once: true });
    try {
      return await work(connection);
    } catch (error) {
      throw signal.aborted ? cancelledError('file connector', signal) : error;
    } finally {
      signal.removeEventListener('abort', stop);
      await connection.close();
    }
  }

  /** @throws MillraceError `invalid_state` once the engine was closed. */
  database(): Promise<DuckDbDatabase> {
    if (this.#closed)
      throw new MillraceError({
        code: 'invalid_state',
        component: 'file connector',
        connector: 'file',
        message: 'the connector was closed',
        hint: 'Create another one',
      });
    this.#database ??= this.#open().catch((error: unknown) => {
      this.#database = undefined;
      throw error;
    });
    return this.#database;
  }

  #open(): Promise<DuckDbDatabase> {
    const place = { path: ':memory:', component: 'file connector', tempDirectory: this.#tempDirectory };
    const budget = this.#memory;
    return openDatabase(
      budget
        ? { ...place, memory: { budget, minBytes: LEAST_MEMORY_BYTES, maxBytes: MEMORY_BYTES } }
        : { ...place, memoryLimit: `${MEMORY_BYTES}B` },
    );
  }

  /** Ends every scan, then closes the instance and removes what it spilled. Idempotent. */
  close(): Promise<void> {
    this.#closed ??= this.#shutDown();
    return this.#closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #shutDown(): Promise<void> {
    await (await this.#database)?.close();
    await rm(this.#tempDirectory, { recursive: true, force: true });
  }
}
