import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MillraceError } from '@millrace/core';
import { type DuckDbDatabase, openDatabase } from '@millrace/duckdb';

/** What a sort of many rows may hold before it spills. */
const MEMORY_LIMIT = '1GB';

/** The connector's own DuckDB instance, opened when first needed. */
export class FileEngine implements AsyncDisposable {
  readonly #tempDirectory: string = join(tmpdir(), `millrace-file-${randomUUID()}`);
  #database: Promise<DuckDbDatabase> | undefined;
  #closed: Promise<void> | undefined;

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
    this.#database ??= openDatabase({
      path: ':memory:',
      component: 'file connector',
      memoryLimit: MEMORY_LIMIT,
      tempDirectory: this.#tempDirectory,
    });
    return this.#database;
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
