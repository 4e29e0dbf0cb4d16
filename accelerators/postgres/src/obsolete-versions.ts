import type { Session } from '@millrace/postgres';
import { checkpointTable, quoteText } from './checkpoint-table.ts';
import type { Store } from './store.ts';
import { RELATION_PATTERN } from './table-names.ts';

const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5_000;

/**
 * Drops tables of versions that no checkpoint names. A version and its checkpoint become visible in one transaction, so that a version which is
 * seen without one is an older version; one that is being written is not seen at all. A table that is being read is left for later: nobody
 * ever waits for a lock, neither this nor a reader behind it.
 */
export class ObsoleteVersions {
  readonly #store: Store;
  readonly #closing: AbortController = new AbortController();
  #running: Promise<void> | undefined;
  #retry: NodeJS.Timeout | undefined;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Drops what can be dropped now; the rest is tried again by and by. Never fails. */
  async sweep(session: Session, component: string): Promise<void> {
    await this.#sweepOnce(session, component, FIRST_RETRY_MS);
  }

  /** Waits for a sweep that was put off and runs now. Idempotent. */
  async close(): Promise<void> {
    this.#closing.abort();
    clearTimeout(this.#retry);
    await this.#running;
  }

  async #sweepOnce(session: Session, component: string, retryMs: number): Promise<void> {
    const isWhole = await this.#dropAll(session).catch(() => false);
    if (!isWhole) this.#putOff(component, retryMs);
  }

  #putOff(component: string, retryMs: number): void {
    clearTimeout(this.#retry);
    if (this.#closing.signal.aborted) return;
    this.#retry = setTimeout(() => {
      this.#running = this.#tryAgain(component, Math.min(retryMs * 2, LAST_RETRY_MS));
    }, retryMs);
    this.#retry.unref();
  }

  async #tryAgain(component: string, retryMs: number): Promise<void> {
    const use = { component, signal: this.#closing.signal };
    try {
      await this.#store.own(use, (session) => this.#sweepOnce(session, component, retryMs));
    } catch {
      this.#putOff(component, retryMs);
    }
  }

  /** @returns whether nothing is left. */
  async #dropAll(session: Session): Promise<boolean> {
    const { schema } = this.#store;
    const list = `SELECT c.relname AS name FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = ${quoteText(schema)} AND c.relkind = 'r' AND c.relname ~ ${quoteText(RELATION_PATTERN)}
        AND pg_catalog.pg_has_role(c.relowner, 'USAGE')
        AND NOT EXISTS (SELECT FROM ${checkpointTable(schema)} k WHERE k.relation = c.relname)`;
    let isWhole = true;
    for (const { name } of await session.run<{ readonly name: string }>(list))
      isWhole = (await this.#drop(session, name)) && isWhole;
    return isWhole;
  }

  async #drop(session: Session, name: string): Promise<boolean> {
    const table = this.#store.quoted(name);
    try {
      await session.run(
        `BEGIN READ WRITE; LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE NOWAIT; DROP TABLE ${table}; COMMIT`,
      );
      return true;
    } catch {
      // A reader holds it, or another process has dropped it; a connection that broke shows at the next statement.
      await session.run('ROLLBACK');
      return false;
    }
  }
}
