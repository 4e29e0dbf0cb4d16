import { setTimeout as delay } from 'node:timers/promises';
import { isMillraceError, MillraceError } from '@millrace/core';
import pg from 'pg';
import { type Attempt, classifyError, noTlsError } from './classify-error.ts';
import { type ConnectionSettings, tlsOptions } from './connection-settings.ts';
import { serverSpeaksTls } from './server-tls.ts';
import { type DriverClient, Session } from './session.ts';
import { Slots } from './slots.ts';
import { createRecyclingSocket } from './wire/recycling-socket.ts';

const COMPONENT = 'postgres connection';
/** Waits before the second, third and fourth attempt. */
const BACKOFF_MS: readonly number[] = [50, 200, 800];

/** Figures of a client since it was made. */
export interface ClientFigures {
  connectionsOpened: number;
  connectionsLost: number;
  statements: number;
  rows: number;
  bytes: number;
  retries: number;
  /** Of the last scan; 0 before the first. */
  timeToFirstBatchMs: number;
}

/** The pool of connections to one database. Opens nothing before the first use. */
export class PostgresClient {
  readonly settings: ConnectionSettings;
  readonly figures: ClientFigures = {
    connectionsOpened: 0,
    connectionsLost: 0,
    statements: 0,
    rows: 0,
    bytes: 0,
    retries: 0,
    timeToFirstBatchMs: 0,
  };
  readonly #slots: Slots;
  readonly #extra: Set<Session> = new Set();
  readonly #closing: AbortController = new AbortController();
  #pool: Promise<pg.Pool> | undefined;
  #closed: Promise<void> | undefined;

  constructor(settings: ConnectionSettings) {
    this.settings = settings;
    this.#slots = new Slots({ count: settings.poolSize, timeoutMs: settings.poolTimeoutMs, component: COMPONENT });
  }

  /** Open and idle connections of the pool. */
  async connectionCounts(): Promise<{ readonly open: number; readonly idle: number }> {
    const pool = await this.#pool;
    return { open: (pool?.totalCount ?? 0) + this.#extra.size, idle: pool?.idleCount ?? 0 };
  }

  /**
   * Runs `work` on a connection of the pool whose session state has just been set, and gives the connection back. What is retryable is tried
   * again on another connection, with growing waits, as long as `mayRetry` agrees.
   *
   * @throws MillraceError classified by SQLSTATE or error code.
   */
  async use<Result>(request: UseRequest, work: (session: Session) => Promise<Result>): Promise<Result> {
    const { signal, component } = request;
    for (let attempt = 0; ; attempt += 1) {
      try {
        const session = await this.open(request);
        let fate: 'keep' | 'destroy' = 'destroy';
        try {
          const result = await work(session);
          fate = 'keep';
          return result;
        } finally {
          session.end(fate);
        }
      } catch (error) {
        const classified = classifyError(error, { component, signal });
        const wait = BACKOFF_MS[attempt];
        if (!classified.retryable || wait === undefined || this.#closing.signal.aborted) throw classified;
        this.figures.retries += 1;
        await this.#pause(wait, signal, component);
      }
    }
  }

  /**
   * Checks a connection out of the pool; the caller ends the session.
   *
   * @throws MillraceError `invalid_state` after `close`, `resource_exhausted` when the pool stays empty, and what connecting reports.
   */
  async open({ component, signal, begin }: UseRequest): Promise<Session> {
    this.#requireOpen(component);
    const any = AbortSignal.any([signal, this.#closing.signal]);
    try {
      await this.#slots.take(any);
    } catch (error) {
      this.#requireOpen(component);
      throw classifyError(error, { component, signal });
    }
    let isGiven = false;
    const give = (): void => {
      if (isGiven) return;
      isGiven = true;
      this.#slots.give();
    };
    try {
      const pool = await this.#openPool(component, signal);
      const client = (await this.#connect(component, signal, () => pool.connect())) as pg.PoolClient & DriverClient;
      const session = this.#session(client, (fate) => {
        client.release(fate === 'destroy');
        give();
      });
      await this.#prepare(session, { component, signal, ...(begin === undefined ? {} : { begin }) });
      return session;
    } catch (error) {
      give();
      this.#requireOpen(component);
      throw error;
    }
  }

  /** Opens a connection beside the pool, for a transaction that others depend on: waiting for the pool with it would be a deadlock. */
  async openExtra({ component, signal, begin }: UseRequest): Promise<Session> {
    this.#requireOpen(component);
    await this.#openPool(component, signal);
    const client = new pg.Client(await this.#driverOptions(component, signal)) as unknown as pg.Client & DriverClient;
    client.on('error', () => undefined);
    await this.#connect(component, signal, () => client.connect());
    this.figures.connectionsOpened += 1;
    const session = this.#session(client, () => {
      this.#extra.delete(session);
      client.end().catch(() => undefined);
    });
    this.#extra.add(session);
    await this.#prepare(session, { component, signal, ...(begin === undefined ? {} : { begin }) });
    return session;
  }

  /** Closes every connection; statements that run are stopped. Idempotent. */
  close(): Promise<void> {
    this.#closed ??= (async () => {
      this.#closing.abort();
      for (const session of this.#extra) session.end('destroy');
      const pool = await this.#pool?.catch(() => undefined);
      await pool?.end();
    })();
    return this.#closed;
  }

  /** Aborts when the client is closed. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  #session(client: DriverClient, release: (fate: 'keep' | 'destroy') => void): Session {
    const { host, port } = this.settings;
    return new Session({ client, host, port, release });
  }

  /** Sets the whole session state anew, as a function that an earlier user called may have changed it. */
  async #prepare(session: Session, { component, signal, begin }: UseRequest): Promise<void> {
    try {
      session.begun = await session.run(`${sessionState(this.settings)}${begin ?? ''}`);
    } catch (error) {
      session.end('destroy');
      throw classifyError(error, { component, signal });
    }
  }

  #openPool(component: string, signal: AbortSignal): Promise<pg.Pool> {
    this.#pool ??= this.#createPool(component, signal).catch((error: unknown) => {
      this.#pool = undefined;
      throw error;
    });
    return this.#pool;
  }

  async #createPool(component: string, signal: AbortSignal): Promise<pg.Pool> {
    const { poolSize, poolMinIdle, idleTimeoutMs } = this.settings;
    const pool = new pg.Pool({
      ...(await this.#driverOptions(component, signal)),
      max: poolSize,
      min: Math.min(poolMinIdle, poolSize),
      idleTimeoutMillis: idleTimeoutMs,
      allowExitOnIdle: true,
    });
    pool.on('connect', () => {
      this.figures.connectionsOpened += 1;
    });
    // An idle connection that the server ended is gone from the pool; without a listener it would end the process.
    pool.on('error', () => {
      this.figures.connectionsLost += 1;
    });
    return pool;
  }

  async #driverOptions(component: string, signal: AbortSignal): Promise<pg.ClientConfig> {
    const { host, port, database, user, password, applicationName, connectTimeoutMs, sslMode } = this.settings;
    let ssl = tlsOptions(this.settings);
    if (sslMode !== 'disable') {
      const speaks = await this.#connect(component, signal, () => serverSpeaksTls(this.settings, signal));
      if (!speaks && sslMode !== 'prefer') throw noTlsError(component);
      if (!speaks) ssl = undefined;
    }
    return {
      host,
      port,
      database,
      user,
      // Without one the driver would look into the environment and the home directory.
      password: password ?? '',
      application_name: applicationName,
      connectionTimeoutMillis: connectTimeoutMs,
      keepAlive: true,
      ssl: ssl ?? false,
      ...(ssl === undefined ? { stream: createRecyclingSocket } : {}),
    };
  }

  async #connect<Result>(component: string, signal: AbortSignal, connect: () => Promise<Result>): Promise<Result> {
    const started = performance.now();
    try {
      return await connect();
    } catch (error) {
      const attempt: Attempt = {
        component,
        signal,
        phase: 'connect',
        hasTimedOut: performance.now() - started >= this.settings.connectTimeoutMs - 5,
        lacksPassword: (this.settings.password ?? '') === '',
      };
      throw classifyError(error, attempt);
    }
  }

  async #pause(ms: number, signal: AbortSignal, component: string): Promise<void> {
    try {
      await delay(ms, undefined, { signal });
    } catch (error) {
      throw classifyError(error, { component, signal });
    }
  }

  #requireOpen(component: string): void {
    if (!this.#closing.signal.aborted) return;
    throw new MillraceError({
      code: 'invalid_state',
      component,
      connector: 'postgres',
      message: 'the connector was closed',
      hint: 'Create another one',
    });
  }
}

/** For whom a connection is used. */
export interface UseRequest {
  readonly component: string;
  readonly signal: AbortSignal;
  /** Statements behind the session's state, in the same round trip: `BEGIN …`. */
  readonly begin?: string;
}

/** Tells whether the same call may succeed on another connection. */
export function isRetryable(error: unknown): boolean {
  return isMillraceError(error) && error.retryable;
}

/**
 * Every setting that changes what a statement means or how a value is written. `RESET ALL` first, as a view's function may have set more;
 * the search path is then the role's own.
 */
function sessionState({ statementTimeoutMs }: ConnectionSettings): string {
  return [
    'RESET ALL',
    "SET TimeZone = 'UTC'",
    "SET DateStyle = 'ISO, YMD'",
    "SET IntervalStyle = 'postgres'",
    "SET client_encoding = 'UTF8'",
    "SET bytea_output = 'hex'",
    'SET extra_float_digits = 1',
    'SET standard_conforming_strings = on',
    'SET default_transaction_read_only = on',
    "SET default_transaction_isolation = 'read committed'",
    `SET statement_timeout = ${Math.ceil(statementTimeoutMs)}`,
    '',
  ].join('; ');
}
