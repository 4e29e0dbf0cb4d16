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
  #running: Promise<boolean> | undefined;
  #retry: NodeJS.Timeout | undefined;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Drops what can be dropped now; the rest is tried again by and by. Never fails. */
  async sweep(component: string): Promise<void> {
    // One that runs may have looked before the commit that asks for this one.
    await this.#running;
    await this.#sweepOnce(component, FIRST_RETRY_MS);
  }

  /** Waits for a sweep that runs. Idempotent. */
  async close(): Promise<void> {
    this.#closing.abort();
    clearTimeout(this.#retry);
    await this.#running;
  }

  async #sweepOnce(component: string, retryMs: number): Promise<void> {
    if (this.#closing.signal.aborted) return;
    clearTimeout(this.#retry);
    this.#running ??= this.#dropAll(component)
      .catch(() => false)
      .finally(() => {
        this.#running = undefined;
      });
    if ((await this.#running) || this.#closing.signal.aborted) return;
    this.#retry = setTimeout(() => void this.#sweepOnce(component, Math.min(retryMs * 2, LAST_RETRY_MS)), retryMs);
    this.#retry.unref();
  }

  /** @returns whether nothing is left. */
  async #dropAll(component: string): Promise<boolean> {
    const { client, schema } = this.#store;
    const use = { component, signal: this.#closing.signal };
    const list = `SELECT c.relname AS name FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = ${quoteText(schema)} AND c.relkind = 'r' AND c.relname ~ ${quoteText(RELATION_PATTERN)}
        AND pg_catalog.pg_has_role(c.relowner, 'USAGE')
        AND NOT EXISTS (SELECT FROM ${checkpointTable(schema)} k WHERE k.relation = c.relname)`;
    const names = await client.use(use, (session) => session.run<{ readonly name: string }>(list));
    if (names.length === 0) return true;
    const session = await client.openExtra(use);
    try {
      let isWhole = true;
      for (const { name } of names) isWhole = (await this.#drop(session, name)) && isWhole;
      return isWhole;
    } finally {
      session.end('keep');
    }
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
