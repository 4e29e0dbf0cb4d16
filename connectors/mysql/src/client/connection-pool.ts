import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { cancelledError, MillraceError } from '@millrace/core';
import type { Connection } from 'mysql2';
import { classifyError } from '../classify-error.ts';
import type { MysqlSettings } from '../mysql-settings.ts';
import { destroyConnection } from './destroy-connection.ts';
import { openConnection } from './open-connection.ts';
import { runQuery } from './run-query.ts';
import { readServerInfo, type ServerInfo } from './server-info.ts';
import { sessionStatement, TRANSACTION_STATEMENT } from './session-state.ts';

/** A connection that one user has for a while. */
export interface Lease {
  readonly connection: Connection;
  readonly server: ServerInfo;
  /** Aborts when the pool is closed. */
  readonly closed: AbortSignal;
  /** Gives the connection back (`clean`), or ends it (`dirty`). Idempotent. */
  release(state: 'clean' | 'dirty'): void;
}

/** Figures of a pool. */
export interface PoolCounts {
  readonly open: number;
  readonly idle: number;
  readonly waiting: number;
}

interface IdleConnection {
  readonly connection: Connection;
  readonly timer: NodeJS.Timeout;
}

interface Waiter {
  readonly resolve: () => void;
}

const CONNECT_ATTEMPTS = 3;
const FIRST_PAUSE_MS = 100;

/** The connections of one source. Connects when somebody needs it; an idle connection that is lost is forgotten and nothing else. */
export class ConnectionPool {
  readonly #settings: MysqlSettings;
  readonly #address: string;
  readonly #idle: IdleConnection[] = [];
  readonly #leased: Set<Connection> = new Set();
  readonly #waiters: Waiter[] = [];
  readonly #closing: AbortController = new AbortController();
  #opening = 0;
  #server: ServerInfo | undefined;

  constructor(settings: MysqlSettings) {
    this.#settings = settings;
    this.#address = `${settings.host}:${settings.port}`;
    // Every open scan listens.
    setMaxListeners(0, this.#closing.signal);
  }

  /** `host:port`. */
  get address(): string {
    return this.#address;
  }

  get settings(): MysqlSettings {
    return this.#settings;
  }

  get counts(): PoolCounts {
    return {
      open: this.#idle.length + this.#leased.size + this.#opening,
      idle: this.#idle.length,
      waiting: this.#waiters.length,
    };
  }

  /**
   * Takes a connection with its session set.
   *
   * @throws MillraceError `resource_exhausted` when none becomes free in time, `invalid_state` when the pool is closed, `cancelled`, and whatever
   * connecting fails with.
   */
  async checkout(component: string, signal: AbortSignal): Promise<Lease> {
    const deadline = Date.now() + this.#settings.acquireTimeoutMs;
    for (;;) {
      this.#check(component, signal);
      const idle = this.#idle.pop();
      if (idle !== undefined) {
        clearTimeout(idle.timer);
        this.#leased.add(idle.connection);
        const lease = await this.#prepare(idle.connection, component, signal);
        if (lease !== undefined) return lease;
        continue;
      }
      if (this.#leased.size + this.#opening < this.#settings.poolMax) return await this.#open(component, signal);
      await this.#wait(deadline, component, signal);
    }
  }

  /** Runs work on a connection of its own use and gives it back. */
  async use<T>(component: string, signal: AbortSignal, work: (lease: Lease) => Promise<T>): Promise<T> {
    const lease = await this.checkout(component, signal);
    const end = (): void => destroyConnection(lease.connection);
    signal.addEventListener('abort', end, { once: true });
    try {
      const result = await work(lease);
      lease.release('clean');
      return result;
    } catch (error) {
      if (signal.aborted) throw cancelledError(component, signal);
      this.#check(component, signal);
      throw classifyError(error, { component, address: this.#address });
    } finally {
      signal.removeEventListener('abort', end);
      lease.release('dirty');
    }
  }

  /** Ends all connections, those in use too. Idempotent. */
  close(): void {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    for (const { connection, timer } of this.#idle.splice(0)) {
      clearTimeout(timer);
      destroyConnection(connection);
    }
    for (const connection of this.#leased) destroyConnection(connection);
    for (const waiter of this.#waiters.splice(0)) waiter.resolve();
  }

  #check(component: string, signal: AbortSignal): void {
    if (signal.aborted) throw cancelledError(component, signal);
    if (!this.#closing.signal.aborted) return;
    throw new MillraceError({
      code: 'invalid_state',
      component,
      connector: 'mysql',
      message: 'the connector is closed',
      hint: 'Open it again',
    });
  }

  async #open(component: string, signal: AbortSignal): Promise<Lease> {
    this.#opening++;
    let connection: Connection;
    try {
      connection = await this.#connect(component, signal);
    } finally {
      this.#opening--;
      if (this.#waiters.length > 0) this.#waiters.shift()?.resolve();
    }
    this.#leased.add(connection);
    // Errors of a connection also reach whoever uses it; without a listener a lost idle connection would end the process.
    connection.on('error', () => this.#forget(connection));
    connection.on('end', () => this.#forget(connection));
    const failure: { error?: unknown } = {};
    const lease = await this.#prepare(connection, component, signal, failure);
    if (lease !== undefined) return lease;
    this.#check(component, signal);
    throw classifyError(failure.error, { component, address: this.#address });
  }

  /** Tries again what may succeed later: a server that starts, or has no connection left at the moment. */
  async #connect(component: string, signal: AbortSignal): Promise<Connection> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await openConnection(this.#settings);
      } catch (error) {
        const classified = classifyError(error, { component, address: this.#address });
        if (!classified.retryable || attempt === CONNECT_ATTEMPTS) throw classified;
        await delay(FIRST_PAUSE_MS * 2 ** (attempt - 1), undefined, { signal }).catch(() => undefined);
        this.#check(component, signal);
      }
    }
  }

  /** Sets the session; undefined when the connection turns out to be lost. */
  async #prepare(
    connection: Connection,
    component: string,
    signal: AbortSignal,
    failure: { error?: unknown } = {},
  ): Promise<Lease | undefined> {
    const { connectTimeoutMs } = this.#settings;
    const end = (): void => destroyConnection(connection);
    signal.addEventListener('abort', end, { once: true });
    try {
      this.#server ??= await readServerInfo(connection, connectTimeoutMs);
      if (!PREPARED.has(connection)) await runQuery(connection, TRANSACTION_STATEMENT, [], connectTimeoutMs);
      PREPARED.add(connection);
      await runQuery(connection, sessionStatement(this.#settings, this.#server), [], connectTimeoutMs);
    } catch (error) {
      failure.error = error;
      this.#end(connection);
      return undefined;
    } finally {
      signal.removeEventListener('abort', end);
    }
    const lease = this.#leaseOf(connection, this.#server);
    if (!signal.aborted && !this.#closing.signal.aborted) return lease;
    lease.release('clean');
    this.#check(component, signal);
    return undefined;
  }

  #leaseOf(connection: Connection, server: ServerInfo): Lease {
    let isReleased = false;
    return {
      connection,
      server,
      closed: this.#closing.signal,
      release: (state) => {
        if (isReleased) return;
        isReleased = true;
        if (state === 'clean' && this.#leased.has(connection) && !this.#closing.signal.aborted) this.#keep(connection);
        else this.#end(connection);
      },
    };
  }

  #keep(connection: Connection): void {
    this.#leased.delete(connection);
    const timer = setTimeout(() => {
      const index = this.#idle.findIndex((idle) => idle.connection === connection);
      if (index < 0 || this.#idle.length <= this.#settings.poolMin) return;
      this.#idle.splice(index, 1);
      connection.end(() => undefined);
    }, this.#settings.idleTimeoutMs);
    timer.unref();
    this.#idle.push({ connection, timer });
    this.#waiters.shift()?.resolve();
  }

  #end(connection: Connection): void {
    destroyConnection(connection);
    this.#forget(connection);
  }

  #forget(connection: Connection): void {
    this.#leased.delete(connection);
    const index = this.#idle.findIndex((idle) => idle.connection === connection);
    if (index >= 0) clearTimeout(this.#idle.splice(index, 1)[0]?.timer);
    this.#waiters.shift()?.resolve();
  }

  async #wait(deadline: number, component: string, signal: AbortSignal): Promise<void> {
    const left = deadline - Date.now();
    if (left <= 0) {
      throw new MillraceError({
        code: 'resource_exhausted',
        component,
        connector: 'mysql',
        message: `none of the ${this.#settings.poolMax} connections became free within ${this.#settings.acquireTimeoutMs} ms`,
        hint: 'Raise mysql_pool_max or mysql_acquire_timeout, or run fewer queries at the same time',
        retryable: true,
      });
    }
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        const index = this.#waiters.indexOf(waiter);
        if (index >= 0) this.#waiters.splice(index, 1);
        resolve();
      };
      const waiter: Waiter = { resolve: done };
      const timer = setTimeout(done, left);
      signal.addEventListener('abort', done, { once: true });
      this.#waiters.push(waiter);
    });
  }
}

const PREPARED: WeakSet<Connection> = new WeakSet();
