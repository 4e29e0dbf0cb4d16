import { MillraceError } from '@millrace/core';
import {
  classifySqliteError,
  IdleLimit,
  type Query,
  type SqliteValue,
  type WorkerClient,
  WorkerPool,
  WriterClient,
  WriterThreads,
} from '@millrace/sqlite';
import { CHECKPOINT_TABLE, CREATE_CHECKPOINT_TABLE } from './checkpoint-table.ts';
import { WriterTurns } from './writer-turns.ts';

const BUSY_TIMEOUT_MS = 5_000;
/** How long a log that is written back waits for readers of older rows. */
const CHECKPOINT_WAIT_MS = 100;
const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5_000;
/** Scans that are read at the same time; each has a thread while it lasts. */
const MAX_READERS = 64;
/** Threads that wait for the next scan: many datasets have a file each, and few of them are asked at a time. */
const MAX_IDLE_READERS = 2;

/** Threads of all files together that wait for the next scan. */
const MAX_IDLE_TOGETHER = 8;
/** Threads that write to all files which go with the process. One that lasts has a thread of its own: its commits wait for the disk. */
const MAX_SHARED_WRITERS = 4;

const idleReaders: IdleLimit<WorkerClient> = new IdleLimit(MAX_IDLE_TOGETHER);
const sharedWriters: WriterThreads = new WriterThreads(MAX_SHARED_WRITERS);

/** Where a database lives. */
export interface SqlitePlace {
  /** Real path of the file. */
  readonly path: string;
  /** `process`: the file goes with the process, so that nothing has to reach the disk. */
  readonly lifetime: 'permanent' | 'process';
  readonly component: string;
}

/** The only writer, for the time of one task. */
export interface WriterLease {
  readonly client: WriterClient;
  /** Lets the next one write. Idempotent. */
  release(): void;
}

/**
 * A database that holds the tables of one or several accelerated datasets: one connection that writes, which locks the file against other
 * processes, and a thread for each scan. The log is of the write-ahead kind, in which readers see the rows of their beginning and never wait.
 *
 * Source: https://www.sqlite.org/wal.html
 */
export class SqliteFile {
  readonly path: string;
  readonly pool: WorkerPool;
  readonly #place: SqlitePlace;
  readonly #turns: WriterTurns = new WriterTurns();
  #writer: WriterClient | undefined;
  #retry: NodeJS.Timeout | undefined;
  #isClosed = false;

  private constructor(place: SqlitePlace) {
    this.path = place.path;
    this.pool = new WorkerPool(place.path, BUSY_TIMEOUT_MS, {
      maxWorkers: MAX_READERS,
      maxIdle: MAX_IDLE_READERS,
      file: 'own',
      idleLimit: idleReaders,
    });
    this.#place = place;
  }

  /**
   * Opens a database, or creates it, and makes it ready for datasets.
   * @throws MillraceError `conflict` where it is open elsewhere, `already_exists` for one of another program, `invalid_data`, `io`.
   */
  static async open(place: SqlitePlace): Promise<SqliteFile> {
    const file = new SqliteFile(place);
    try {
      const lease = await file.lease(place.component);
      await file.writeBack(lease);
      lease.release();
      return file;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Waits until nobody else writes. @throws MillraceError `cancelled`, `invalid_state` once closed, and as {@link open}. */
  async lease(component: string, signal?: AbortSignal): Promise<WriterLease> {
    const release = await this.#turns.take(component, signal);
    try {
      return { client: await this.#connect(component), release };
    } catch (error) {
      release();
      throw classifySqliteError(error, { component, file: this.path, access: 'write' });
    }
  }

  /** Runs work in one transaction; a failure rolls it back. The signal counts until the transaction begins. */
  async transaction<T>(component: string, signal: AbortSignal, work: (client: WriterClient) => Promise<T>): Promise<T> {
    const { client, release } = await this.lease(component, signal);
    try {
      await client.run(['BEGIN IMMEDIATE']);
      const result = await work(client);
      await client.run(['COMMIT']);
      return result;
    } catch (error) {
      await rollBack(client);
      throw classifySqliteError(error, { component, file: this.path, access: 'write' });
    } finally {
      release();
    }
  }

  /** The rows of each query, by the writer's thread where it is free, else beside it. */
  async rows(
    component: string,
    queries: readonly Query[],
    signal: AbortSignal,
  ): Promise<readonly (readonly (readonly SqliteValue[])[])[]> {
    const attempt = { component, file: this.path, access: 'write' } as const;
    try {
      if (!this.#turns.isFree) return await this.pool.use(component, signal, (client) => client.rows(queries));
      const { client, release } = await this.lease(component, signal);
      try {
        return (await client.run(queries)).map(({ rows }) => rows);
      } finally {
        release();
      }
    } catch (error) {
      throw classifySqliteError(error, attempt);
    }
  }

  /**
   * Writes the log back into the file and empties it, so that the space of dropped versions is used again; tried later where readers of
   * older rows are in the way, or it fails: rows in the log are as good. New readers are never kept out. To be called by whoever has the
   * turn, outside of a transaction.
   */
  async writeBack({ client }: WriterLease): Promise<void> {
    clearTimeout(this.#retry);
    if (!(await this.#writeBack(client).catch(() => false))) this.#retryLater(FIRST_RETRY_MS);
  }

  /** Waits for who writes, writes the log back and lets the file go. Scans that run end with an error. Idempotent. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#retry);
    await this.pool.close();
    const end = await this.#turns.take(this.#place.component);
    const writer = this.#writer;
    if (writer?.isAlive) await this.#writeBack(writer).catch(() => false);
    await writer?.close();
    end();
  }

  async #connect(component: string): Promise<WriterClient> {
    if (this.#isClosed) throw this.#error(component, 'invalid_state', 'the database is closed', 'Create it again');
    if (this.#writer?.isAlive) return this.#writer;
    const settings = { path: this.path, busyTimeoutMs: BUSY_TIMEOUT_MS, lockPath: `${this.path}.lock` };
    const writer = new WriterClient(settings, this.#place.lifetime === 'process' ? sharedWriters : undefined);
    try {
      await this.#prepare(writer, component);
      this.#writer = writer;
      return writer;
    } catch (error) {
      await writer.close();
      throw error;
    }
  }

  async #prepare(writer: WriterClient, component: string): Promise<void> {
    const [found] = await writer.run(["SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')"]);
    const names = found?.rows.map(([name]) => name) ?? [];
    if (names.length > 0 && !names.includes(CHECKPOINT_TABLE))
      throw this.#error(
        component,
        'already_exists',
        `${this.path} is a database of another program`,
        'Name another file with sqlite_file, one that is not there',
      );
    const [mode] = await writer.run(['PRAGMA journal_mode = WAL']);
    if (mode?.rows[0]?.[0] !== 'wal')
      throw this.#error(
        component,
        'unsupported',
        `${this.path} cannot have a write-ahead log`,
        'Put it on a local disk',
      );
    await writer.run([
      `PRAGMA synchronous = ${this.#place.lifetime === 'permanent' ? 'FULL' : 'OFF'}`,
      // The log is written back after each commit, outside of it.
      'PRAGMA wal_autocheckpoint = 0',
      CREATE_CHECKPOINT_TABLE,
    ]);
  }

  /** @returns whether the log is empty now. */
  async #writeBack(client: WriterClient): Promise<boolean> {
    const [, result] = await client.run([
      `PRAGMA busy_timeout = ${CHECKPOINT_WAIT_MS}`,
      'PRAGMA wal_checkpoint(TRUNCATE)',
      `PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`,
    ]);
    return result?.rows[0]?.[0] === 0n;
  }

  #retryLater(retryMs: number): void {
    this.#retry = setTimeout(() => void this.#tryAgain(retryMs), retryMs);
    this.#retry.unref();
  }

  async #tryAgain(retryMs: number): Promise<void> {
    if (this.#isClosed) return;
    // Whoever has the turn does it after a commit, which may not come.
    if (!this.#turns.isFree) return this.#retryLater(retryMs);
    const end = await this.#turns.take(this.#place.component);
    try {
      const writer = this.#writer;
      if (this.#isClosed || !writer?.isAlive) return;
      if (!(await this.#writeBack(writer).catch(() => false))) this.#retryLater(Math.min(retryMs * 2, LAST_RETRY_MS));
    } finally {
      end();
    }
  }

  #error(component: string, code: MillraceError['code'], message: string, hint: string): MillraceError {
    return new MillraceError({ code, component, connector: 'sqlite', message, hint });
  }
}

/** Ends a transaction, if one runs, without what it wrote. */
export async function rollBack(client: WriterClient): Promise<void> {
  // After some failures SQLite has done it itself, and then says that there is none.
  await client.run(['ROLLBACK']).catch(() => undefined);
}
