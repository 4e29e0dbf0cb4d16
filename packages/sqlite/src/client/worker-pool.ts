import type { BigIntStats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { cancelledError, MillraceError, nearestName } from '@millrace/core';
import { fileError } from '../classify-error.ts';
import type { IdleLimit } from './idle-limit.ts';
import { WorkerClient } from './worker-client.ts';

/** Threads that read one file at the same time by default; further requests wait. */
const MAX_WORKERS = 8;
/** Threads that stay by default with their connections when nothing is to be done. */
const MAX_IDLE = 4;

/** What stands for device and inode of a file that nobody replaces. */
const OWN_FILE = 'own';

/** How many threads a pool may have, and what they read. */
export interface PoolOptions {
  /** Threads that read at the same time; default 8. */
  readonly maxWorkers?: number;
  /** Threads that stay when nothing is to be done; default 4. */
  readonly maxIdle?: number;
  /** Bounds those of several pools; default: none. */
  readonly idleLimit?: IdleLimit<WorkerClient>;
  /** `own`: nobody replaces the file, and it is not looked at before each task; default `foreign`. */
  readonly file?: 'own' | 'foreign';
}

/** A worker for the time of one task. */
export interface Lease {
  readonly client: WorkerClient;
  /** Gives back a worker whose work has ended by itself, so that nothing has to be stopped. */
  finish(): void;
  /** Gives the worker back, stopping what it may still do. Idempotent. */
  release(): Promise<void>;
}

/** The workers of one database file. A file that was replaced is opened anew. */
export class WorkerPool {
  readonly path: string;
  readonly #busyTimeoutMs: number;
  readonly #maxWorkers: number;
  readonly #maxIdle: number;
  readonly #isOwn: boolean;
  readonly #idleLimit: IdleLimit<WorkerClient> | undefined;
  readonly #idle: WorkerClient[] = [];
  readonly #leased = new Set<WorkerClient>();
  readonly #waiting: (() => void)[] = [];
  /** Those that had to go. */
  readonly #ending = new Set<Promise<void>>();
  #isClosed = false;

  constructor(
    path: string,
    busyTimeoutMs: number,
    { maxWorkers = MAX_WORKERS, maxIdle = MAX_IDLE, file = 'foreign', idleLimit }: PoolOptions = {},
  ) {
    this.path = path;
    this.#busyTimeoutMs = busyTimeoutMs;
    this.#maxWorkers = maxWorkers;
    this.#maxIdle = maxIdle;
    this.#isOwn = file === 'own';
    this.#idleLimit = idleLimit;
  }

  /**
   * Takes a worker, waiting for one where all are taken.
   * @throws MillraceError `not_found`, `unauthorized`, `io` for the file, `cancelled`, `invalid_state` once the pool was closed.
   */
  async lease(component: string, signal: AbortSignal): Promise<Lease> {
    for (let isWoken = false; ; isWoken = await this.#wait(signal)) {
      if (signal.aborted) {
        // The place for which it was woken is the next one's.
        if (isWoken) this.#wake();
        throw cancelledError(component, signal);
      }
      if (this.#isClosed) throw this.closedError(component);
      if (this.#leased.size < this.#maxWorkers) break;
    }
    // Reserves the place before anything is awaited.
    const place = {} as WorkerClient;
    this.#leased.add(place);
    try {
      const identity = this.#isOwn ? OWN_FILE : await this.#identify(component);
      if (this.#isClosed) throw this.closedError(component);
      const client =
        this.#takeIdle(identity) ?? new WorkerClient({ path: this.path, busyTimeoutMs: this.#busyTimeoutMs }, identity);
      this.#leased.add(client);
      return this.#leaseOf(client);
    } catch (error) {
      this.#wake();
      throw error;
    } finally {
      this.#leased.delete(place);
    }
  }

  /** Works with a worker, which an abort stops. */
  async use<T>(component: string, signal: AbortSignal, work: (client: WorkerClient) => Promise<T>): Promise<T> {
    const lease = await this.lease(component, signal);
    const stop = (): void => void lease.release();
    signal.addEventListener('abort', stop, { once: true });
    try {
      if (signal.aborted) throw cancelledError(component, signal);
      const result = await work(lease.client);
      lease.finish();
      return result;
    } catch (error) {
      throw signal.aborted ? cancelledError(component, signal) : error;
    } finally {
      signal.removeEventListener('abort', stop);
      await lease.release();
    }
  }

  /** Stops every task and ends every thread. Idempotent. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const wake of this.#waiting.splice(0)) wake();
    for (const client of this.#idle) this.#idleLimit?.delete(client);
    const clients = [...this.#idle.splice(0), ...this.#leased].filter((client) => client instanceof WorkerClient);
    await Promise.all([...clients.map((client) => client.close()), ...this.#ending]);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** How many more workers can be had without waiting. */
  get freeCount(): number {
    return this.#maxWorkers - this.#leased.size;
  }

  /** The error of everything that is asked of a closed pool. */
  closedError(component: string): MillraceError {
    return new MillraceError({
      code: 'invalid_state',
      component,
      connector: 'sqlite',
      message: 'the connector was closed',
      hint: 'Create another one',
    });
  }

  #leaseOf(client: WorkerClient): Lease {
    let released: Promise<void> | undefined;
    return {
      client,
      finish: () => {
        released ??= this.#giveBack(client, true);
      },
      release: () => {
        released ??= client.reset().then((isUsable) => this.#giveBack(client, isUsable));
        return released;
      },
    };
  }

  async #giveBack(client: WorkerClient, isUsable: boolean): Promise<void> {
    this.#leased.delete(client);
    if (isUsable && client.isAlive && !this.#isClosed && this.#idle.length < this.#maxIdle) {
      this.#idle.push(client);
      this.#idleLimit?.add(client, this.#evict);
    } else await client.close();
    this.#wake();
  }

  #takeIdle(identity: string): WorkerClient | undefined {
    for (;;) {
      const client = this.#idle.pop();
      if (client !== undefined) this.#idleLimit?.delete(client);
      if (client === undefined || (client.isAlive && client.fileIdentity === identity)) return client;
      void client.close();
    }
  }

  readonly #evict = (client: WorkerClient): void => {
    this.#idle.splice(this.#idle.indexOf(client), 1);
    const ending = client.close().finally(() => this.#ending.delete(ending));
    this.#ending.add(ending);
  };

  #wake(): void {
    this.#waiting.shift()?.();
  }

  /** Waits for a place, which another one may take first. Gives false once the signal is aborted: then no place was waited for. */
  #wait(signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const wake = (): void => {
        signal.removeEventListener('abort', abandon);
        resolve(true);
      };
      const abandon = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(wake), 1);
        resolve(false);
      };
      signal.addEventListener('abort', abandon, { once: true });
      this.#waiting.push(wake);
    });
  }

  /**
   * Which file the path leads to now. The file is only looked at: opening and closing it here would release the locks that SQLite holds
   * on it in this process (https://www.sqlite.org/howtocorrupt.html, section 2.2).
   */
  async #identify(component: string): Promise<string> {
    const stats = await stat(this.path, { bigint: true }).catch((error: unknown) => error);
    if (stats instanceof Error) throw await this.#missing(component, stats);
    const found = stats as BigIntStats;
    if (found.isFile()) return `${found.dev}:${found.ino}`;
    throw new MillraceError({
      code: 'invalid_argument',
      component,
      connector: 'sqlite',
      message: `${this.path} is not a file`,
      hint: 'Set sqlite_file to a database file',
    });
  }

  async #missing(component: string, error: NodeJS.ErrnoException): Promise<MillraceError> {
    if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') return fileError(component, this.path, error);
    const names = await readdir(dirname(this.path)).catch(() => undefined);
    const nearest = names && nearestName(basename(this.path), names);
    return new MillraceError({
      code: 'not_found',
      component,
      connector: 'sqlite',
      message: names === undefined ? `there is no folder ${dirname(this.path)}` : `there is no file ${this.path}`,
      hint:
        nearest === undefined
          ? 'Correct sqlite_file; relative paths count from the configuration file'
          : `Did you mean ${nearest}?`,
      cause: error,
    });
  }
}
