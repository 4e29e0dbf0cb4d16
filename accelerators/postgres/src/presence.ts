import { setTimeout as delay } from 'node:timers/promises';
import { classifyError, type Session } from '@millrace/postgres';
import { quoteText } from './checkpoint-table.ts';
import type { Store, StoreUse } from './store.ts';
import type { TableNames } from './table-names.ts';
import { takeLock } from './take-lock.ts';

/** The connection waits for nothing, and is not to be ended for it. Releases before 14 have no such setting. */
const KEEP_OPEN = "SELECT set_config(name, '0', false) FROM pg_catalog.pg_settings WHERE name = 'idle_session_timeout'";

/** Waits between attempts to open a connection again that broke. */
const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 5_000;
/** Longest wait for a server that does not answer. */
const LONGEST_MS = 5_000;
const COMPONENT = 'postgres accelerator';

/**
 * Tells other processes which definitions of datasets this one has open: a shared advisory lock for each, on one connection of the process. The rows of
 * a definition that nobody has open give way when another definition of the dataset is loaded. A connection that broke is opened again at once.
 *
 * Source: https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS
 */
export class Presence {
  readonly #store: Store;
  readonly #held: Map<string, number> = new Map();
  readonly #closing: AbortController = new AbortController();
  #session: Session | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(store: Store) {
    this.#store = store;
  }

  /**
   * Says that a definition is open here; each call is taken back by one of {@link release}. Waits while another process removes its rows.
   *
   * @throws MillraceError `cancelled`, and from connecting.
   */
  async hold(names: TableNames, use: StoreUse): Promise<void> {
    const lock = presenceLock(this.#store.schema, names);
    await takeLock(use, () => this.#inTurn(use, () => this.#tryHold(lock, use)));
  }

  /** Opens the connection again where it broke, with everything that it held. @throws MillraceError from connecting. */
  async renew(use: StoreUse): Promise<void> {
    await this.#inTurn(use, () => this.#connect(use));
  }

  /** Takes one call of {@link hold} back. Never fails. */
  async release(names: TableNames): Promise<void> {
    const lock = presenceLock(this.#store.schema, names);
    await this.#inTurn({ component: COMPONENT, signal: this.#closing.signal }, async () => {
      const count = (this.#held.get(lock) ?? 1) - 1;
      if (count > 0) this.#held.set(lock, count);
      else this.#held.delete(lock);
      const session = this.#session;
      if (count > 0 || session === undefined) return;
      await session.until(this.#bounded(), () => session.run(`SELECT pg_advisory_unlock_shared(${lock})`));
    }).catch(() => undefined);
  }

  /** Lets go of everything. Idempotent. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#inTurn({ component: COMPONENT, signal: this.#closing.signal }, async () => {
      this.#session?.end('keep');
      this.#session = undefined;
      this.#held.clear();
    });
  }

  async #tryHold(lock: string, use: StoreUse): Promise<boolean> {
    const count = this.#held.get(lock) ?? 0;
    const session = await this.#connect(use);
    if (count === 0 && !(await this.#tryLock(session, lock, use))) return false;
    this.#held.set(lock, count + 1);
    return true;
  }

  async #tryLock(session: Session, lock: string, { signal }: StoreUse): Promise<boolean> {
    const sql = `SELECT pg_try_advisory_lock_shared(${lock}) AS taken`;
    const stop = AbortSignal.any([signal, this.#closing.signal]);
    const [row] = await session.until(stop, () => session.run<{ readonly taken: boolean }>(sql));
    return row?.taken === true;
  }

  async #connect({ component, signal }: StoreUse): Promise<Session> {
    const current = this.#session;
    if (current !== undefined && !current.isLost && !current.isOver) return current;
    current?.end('destroy');
    this.#session = undefined;
    const use = { component, signal: AbortSignal.any([signal, this.#closing.signal]) };
    const session = await this.#store.client.openExtra({ ...use, begin: KEEP_OPEN });
    try {
      for (const lock of this.#held.keys()) await takeLock(use, () => this.#tryLock(session, lock, use));
    } catch (error) {
      session.end('destroy');
      throw error;
    }
    this.#session = session;
    session.whenLost(() => void this.#reopen());
    return session;
  }

  /** Until then other processes could believe that nobody has these definitions open. */
  async #reopen(): Promise<void> {
    const { signal } = this.#closing;
    for (let waitMs = FIRST_RETRY_MS; !signal.aborted; waitMs = Math.min(waitMs * 2, LAST_RETRY_MS)) {
      try {
        if (this.#held.size > 0) await this.renew({ component: COMPONENT, signal: this.#bounded() });
        return;
      } catch {
        await delay(waitMs, undefined, { signal, ref: false }).catch(() => undefined);
      }
    }
  }

  /** For what nobody else would end. */
  #bounded(): AbortSignal {
    return AbortSignal.any([this.#closing.signal, AbortSignal.timeout(LONGEST_MS)]);
  }

  async #inTurn<Result>(use: StoreUse, work: () => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(work, work);
    this.#turn = result.catch(() => undefined);
    try {
      return await result;
    } catch (error) {
      throw classifyError(error, { ...use, access: 'write' });
    }
  }
}

/** The number of the advisory lock that stands for an open definition, as SQL. */
export function presenceLock(schema: string, { dataset, definition }: TableNames): string {
  return `hashtextextended(${quoteText(`millrace open ${JSON.stringify([schema, dataset, definition])}`)}, 0)`;
}

/** The number of the advisory lock of whoever refreshes a definition, as SQL. */
export function refreshLock(schema: string, { dataset, definition }: TableNames): string {
  return `hashtextextended(${quoteText(`millrace refresh ${JSON.stringify([schema, dataset, definition])}`)}, 0)`;
}
