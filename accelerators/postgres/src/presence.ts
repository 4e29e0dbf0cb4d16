import type { Session } from '@millrace/postgres';
import { quoteText } from './checkpoint-table.ts';
import type { Store, StoreUse } from './store.ts';
import type { TableNames } from './table-names.ts';

/** The connection waits for nothing, and is not to be ended for it. Releases before 14 have no such setting. */
const KEEP_OPEN = "SELECT set_config(name, '0', false) FROM pg_catalog.pg_settings WHERE name = 'idle_session_timeout'";

/**
 * Tells other processes which definitions of datasets this one has open: a shared advisory lock for each, on one connection of the process. The rows of
 * a definition that nobody has open give way when another definition of the dataset is loaded. A connection that broke is opened again with
 * the next call.
 *
 * Source: https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS
 */
export class Presence {
  readonly #store: Store;
  readonly #held: Map<string, number> = new Map();
  #session: Session | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(store: Store) {
    this.#store = store;
  }

  /** Says that a definition is open here; each call is taken back by one of {@link release}. @throws MillraceError from connecting. */
  async hold(names: TableNames, use: StoreUse): Promise<void> {
    const lock = presenceLock(this.#store.schema, names);
    await this.#inTurn(async () => {
      const count = this.#held.get(lock) ?? 0;
      const session = await this.#connect(use);
      if (count === 0) await session.run(`SELECT pg_advisory_lock_shared(${lock})`);
      this.#held.set(lock, count + 1);
    });
  }

  /** Opens the connection again where it broke, with everything that it held. @throws MillraceError from connecting. */
  async renew(use: StoreUse): Promise<void> {
    await this.#inTurn(() => this.#connect(use));
  }

  /** Takes one call of {@link hold} back. Never fails. */
  async release(names: TableNames): Promise<void> {
    const lock = presenceLock(this.#store.schema, names);
    await this.#inTurn(async () => {
      const count = (this.#held.get(lock) ?? 1) - 1;
      if (count > 0) this.#held.set(lock, count);
      else this.#held.delete(lock);
      if (count === 0) await this.#session?.run(`SELECT pg_advisory_unlock_shared(${lock})`);
    }).catch(() => undefined);
  }

  /** Lets go of everything. Idempotent. */
  async close(): Promise<void> {
    await this.#inTurn(async () => {
      this.#session?.end('keep');
      this.#session = undefined;
      this.#held.clear();
    });
  }

  async #connect(use: StoreUse): Promise<Session> {
    if (this.#session?.isLost === false) return this.#session;
    this.#session?.end('destroy');
    this.#session = undefined;
    const session = await this.#store.client.openExtra({ ...use, begin: KEEP_OPEN });
    try {
      for (const lock of this.#held.keys()) await session.run(`SELECT pg_advisory_lock_shared(${lock})`);
    } catch (error) {
      session.end('destroy');
      throw error;
    }
    this.#session = session;
    return session;
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(work, work);
    this.#turn = result.catch(() => undefined);
    return result;
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
