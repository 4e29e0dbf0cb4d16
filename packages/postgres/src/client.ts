import { setTimeout as delay } from 'node:timers/promises';
import { isMillraceError, MillraceError } from '@millrace/core';
import pg from 'pg';
import { type Attempt, classifyError, noTlsError } from './classify-error.ts';
import type { ClientFigures } from './client-figures.ts';
import { ClosingClient } from './closing-client.ts';
import { type ConnectionSettings, tlsOptions } from './connection-settings.ts';
import { serverSpeaksTls } from './server-tls.ts';
import { type DriverClient, Session } from './session.ts';
import { sessionState } from './session-state.ts';
import { isOutOfSlots, Slots } from './slots.ts';
import { untilAborted } from './until-aborted.ts';
import { createRecyclingSocket } from './wire/recycling-socket.ts';

const COMPONENT = 'postgres connection';
/** Waits before the second, third and fourth attempt. */
const BACKOFF_MS: readonly number[] = [50, 200, 800];

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
   * again on another connection, with growing waits. When `signal` aborts, the connection is closed with what runs on it.
   *
   * @throws MillraceError classified by SQLSTATE or error code.
   */
  async use<Result>(request: UseRequest, work: (session: Session) => Promise<Result>): Promise<Result> {
    const { signal, component } = request;
    const stop = AbortSignal.any([signal, this.#closing.signal]);
    for (let attempt = 0; ; attempt += 1) {
      try {
        const session = await this.open(request);
        let fate: 'keep' | 'destroy' = 'destroy';
        try {
          const result = await session.until(stop, () => work(session));
          fate = 'keep';
          return result;
        } finally {
          session.end(fate);
        }
      } catch (error) {
        if (!signal.aborted) this.#requireOpen(component);
        const classified = classifyError(error, { component, signal });
        const wait = BACKOFF_MS[attempt];
        if (!isRetryable(classified) || wait === undefined) throw classified;
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
  async open(request: UseRequest): Promise<Session> {
    const { component, signal } = request;
    this.#requireOpen(component);
    const stop = AbortSignal.any([signal, this.#closing.signal]);
    try {
      await this.#slots.take(stop);
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
      const pool = await this.#openPool(component, stop);
      const client = (await this.#connect({
        component,
        signal: stop,
        connect: () => pool.connect(),
        discard: (late) => late.release(),
      })) as pg.PoolClient & DriverClient;
      const session = this.#session(client, (fate) => {
        client.release(fate === 'destroy');
        give();
      });
      await this.#prepare(session, { ...request, signal: stop });
      return session;
    } catch (error) {
      give();
      if (!signal.aborted) this.#requireOpen(component);
      throw error;
    }
  }

  /** Opens a connection beside the pool, for a transaction that others depend on: waiting for the pool with it would be a deadlock. */
  async openExtra(request: UseRequest): Promise<Session> {
    const { component, signal } = request;
    this.#requireOpen(component);
    const stop = AbortSignal.any([signal, this.#closing.signal]);
    try {
      await this.#openPool(component, stop);
      const client = new ClosingClient(await this.#driverOptions(component, stop)) as unknown as ClosingClient &
        DriverClient;
      client.on('error', () => undefined);
      const end = (): void => void client.end().catch(() => undefined);
      await this.#connect({ component, signal: stop, connect: () => client.connect(), discard: end });
      this.figures.connectionsOpened += 1;
      const session = this.#session(client, () => {
        this.#extra.delete(session);
        end();
      });
      this.#extra.add(session);
      await this.#prepare(session, { ...request, signal: stop });
      return session;
    } catch (error) {
      if (!signal.aborted) this.#requireOpen(component);
      throw error;
    }
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
      const sql = `${sessionState(this.settings)}${begin ?? ''}`;
      session.begun = await session.until(signal, () => session.run(sql));
    } catch (error) {
      session.end('destroy');
      throw classifyError(error, { component, signal });
    }
  }

  async #openPool(component: string, signal: AbortSignal): Promise<pg.Pool> {
    this.#pool ??= this.#createPool(component).catch((error: unknown) => {
      this.#pool = undefined;
      throw error;
    });
    try {
      return await untilAborted({ promise: this.#pool, signal });
    } catch (error) {
      throw classifyError(error, { component, signal });
    }
  }

  /** Not for one user alone: that its signal aborts ends nothing that others wait for. */
  async #createPool(component: string): Promise<pg.Pool> {
    const { poolSize, poolMinIdle, idleTimeoutMs } = this.settings;
    const pool = new pg.Pool({
      Client: ClosingClient,
      ...(await this.#driverOptions(component, this.#closing.signal)),
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
      const speaks = await this.#connect({
        component,
        signal,
        connect: () => serverSpeaksTls(this.settings, signal),
      });
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

  /** Whoever's signal aborts does not wait for the connection; one that comes too late is discarded. */
  async #connect<Result>({ component, signal, connect, discard }: ConnectRequest<Result>): Promise<Result> {
    const started = performance.now();
    try {
      return await untilAborted({ promise: connect(), signal, ...(discard && { discard }) });
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

interface ConnectRequest<Result> {
  readonly component: string;
  readonly signal: AbortSignal;
  readonly connect: () => Promise<Result>;
  readonly discard?: (late: Result) => void;
}

/** Tells whether the same call may succeed on another connection; where none was to be had, the timeout of the pool has been waited for. */
export function isRetryable(error: unknown): boolean {
  return isMillraceError(error) && error.retryable && !isOutOfSlots(error);
}
