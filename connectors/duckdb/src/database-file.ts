import { randomUUID } from 'node:crypto';
import { open, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { cancelledError, isMillraceError, type MemoryBudget, MillraceError, nearestName } from '@millrace/core';
import { type DuckDbConnection, type DuckDbDatabase, openDatabase } from '@millrace/duckdb';
import { changedFileError, classifyReadError } from './classify-error.ts';
import { versionOf } from './file-version.ts';

/** The name by which statements reach the file. */
export const CATALOG = 'source';

/** What a sort of many rows may hold before it spills. */
const MEMORY_BYTES = 1_000_000_000;
/** With less, wide rows cannot be sorted though they could spill. */
const LEAST_MEMORY_BYTES = 32 * 2 ** 20;

/** The file, open in an instance of its own. */
interface Session {
  readonly database: DuckDbDatabase;
  /** What the file looked like when it was opened. */
  readonly version: string;
  readonly tempDirectory: string;
  userCount: number;
  idle?: NodeJS.Timeout;
}

/** One database file, opened read-only while it is in use and closed some time after, so that other processes can write to it. */
export class DatabaseFile {
  readonly path: string;
  /** How long it stays open without users; the longest that a connector asked for. */
  idleMs = 0;
  readonly #memory: MemoryBudget | undefined;
  #session: Promise<Session> | undefined;
  #isClosed = false;

  constructor(path: string, memory?: MemoryBudget) {
    this.path = path;
    this.#memory = memory;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /**
   * Works with a connection to the file as it is now; `version` tells one state of the file from another. An abort interrupts the work.
   *
   * @throws MillraceError `not_found`, `invalid_data`, `unavailable` where another process writes, `conflict` where the file changed
   * under other users, `invalid_state` once closed, `cancelled`.
   */
  async use<T>(
    request: { readonly component: string; readonly signal: AbortSignal },
    work: (connection: DuckDbConnection, version: string) => Promise<T>,
  ): Promise<T> {
    const { component, signal } = request;
    const held = await this.acquire(request);
    const stop = (): void => void held.connection.close();
    signal.addEventListener('abort', stop, { once: true });
    try {
      return await work(held.connection, held.version);
    } catch (error) {
      throw signal.aborted
        ? cancelledError(component, signal)
        : classifyReadError(error, { component, path: this.path });
    } finally {
      signal.removeEventListener('abort', stop);
      await held.release();
    }
  }

  /** As {@link use}, for work that ends elsewhere: `release` closes the connection. Idempotent. */
  async acquire({ component, signal }: { readonly component: string; readonly signal: AbortSignal }): Promise<{
    readonly connection: DuckDbConnection;
    readonly version: string;
    release(): Promise<void>;
  }> {
    if (signal.aborted) throw cancelledError(component, signal);
    try {
      const session = await this.#enter(component);
      try {
        const connection = await session.database.connect();
        const release = async (): Promise<void> => {
          await connection.close();
          this.#leave(session);
        };
        let released: Promise<void> | undefined;
        return {
          connection,
          version: session.version,
          release: () => {
            released ??= release();
            return released;
          },
        };
      } catch (error) {
        this.#leave(session);
        throw error;
      }
    } catch (error) {
      if (this.#isClosed) throw this.closedError(component);
      throw classifyReadError(error, { component, path: this.path });
    }
  }

  /** Ends every scan and closes the file. Idempotent. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#end();
  }

  /** The error of everything that is asked of a closed file. */
  closedError(component: string): MillraceError {
    return new MillraceError({
      code: 'invalid_state',
      component,
      connector: 'duckdb',
      message: 'the connector was closed',
      hint: 'Create another one',
    });
  }

  /** Counts a user in; whoever enters leaves. */
  async #enter(component: string): Promise<Session> {
    if (this.#isClosed) throw this.closedError(component);
    const version = await versionOf(this.path);
    if (version === undefined) throw await this.#missing(component);
    const current = await this.#session?.catch(() => undefined);
    if (current !== undefined && current.version !== version) {
      if (current.userCount > 0) throw changedFileError({ component, path: this.path });
      await this.#end();
    }
    if (this.#isClosed) throw this.closedError(component);
    this.#session ??= this.#open(component, version);
    const opening = this.#session;
    try {
      const session = await opening;
      session.userCount++;
      clearTimeout(session.idle);
      return session;
    } catch (error) {
      if (this.#session === opening) this.#session = undefined;
      throw error;
    }
  }

  #leave(session: Session): void {
    if (--session.userCount > 0) return;
    session.idle = setTimeout(() => {
      if (session.userCount === 0) void this.#end();
    }, this.idleMs).unref();
  }

  async #end(): Promise<void> {
    const ending = this.#session;
    this.#session = undefined;
    const session = await ending?.catch(() => undefined);
    if (session === undefined) return;
    clearTimeout(session.idle);
    await session.database.close();
    await rm(session.tempDirectory, { recursive: true, force: true });
  }

  async #open(component: string, version: string): Promise<Session> {
    const tempDirectory = join(tmpdir(), `millrace-duckdb-${randomUUID()}`);
    const budget = this.#memory;
    const limit = budget
      ? { memory: { budget, component: 'duckdb connector', minBytes: LEAST_MEMORY_BYTES, maxBytes: MEMORY_BYTES } }
      : { memoryLimit: `${MEMORY_BYTES}B` };
    const database = await openDatabase({ path: ':memory:', component, tempDirectory, ...limit });
    try {
      await database.attach({ path: this.path, alias: CATALOG, access: 'read_only' });
      // A view in the file may read files as well; those beside the database are meant, others are not.
      await database.restrictFileAccess({ paths: [], directories: [dirname(this.path), tempDirectory] });
      return { database, version, tempDirectory, userCount: 0 };
    } catch (error) {
      await database.close();
      throw isMillraceError(error) && error.code === 'io' ? await this.#unreadable(component, error) : error;
    }
  }

  /** Nobody in this process has the file open here, so that reading its first bytes releases no lock. */
  async #unreadable(component: string, error: MillraceError): Promise<MillraceError> {
    const head = await readHead(this.path).catch(() => undefined);
    if (head === undefined || head.subarray(8, 12).toString('latin1') === 'DUCK') return error;
    return new MillraceError({
      code: 'invalid_data',
      component,
      connector: 'duckdb',
      message: `${this.path} is not a DuckDB database`,
      hint: 'Set duckdb_open to a database file',
      cause: error,
    });
  }

  async #missing(component: string): Promise<MillraceError> {
    const names = await readdir(dirname(this.path)).catch(() => undefined);
    const nearest = names && nearestName(basename(this.path), names);
    return new MillraceError({
      code: 'not_found',
      component,
      connector: 'duckdb',
      message: names === undefined ? `there is no folder ${dirname(this.path)}` : `there is no file ${this.path}`,
      hint:
        nearest === undefined
          ? 'Correct duckdb_open; relative paths count from the configuration file'
          : `Did you mean ${nearest}?`,
    });
  }
}

async function readHead(path: string): Promise<Buffer> {
  const handle = await open(path);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(12), 0, 12, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
