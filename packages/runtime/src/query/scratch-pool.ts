import type { DuckDbDatabase, StreamOutcome } from '@millrace/duckdb';
import { ScratchCatalog } from './scratch-catalog.ts';

/** Catalogs that wait for the next query. */
const MAX_IDLE = 4;

/**
 * The scratch catalogs of an engine. One whose query ended in good order, and left nothing but views, serves the next query: to attach and
 * detach a catalog, and to define the views, costs as much as a short query itself.
 */
export class ScratchPool {
  readonly database: DuckDbDatabase;
  readonly #idle: ScratchCatalog[] = [];
  #isClosed = false;

  constructor(database: DuckDbDatabase) {
    this.database = database;
  }

  /** A catalog for one query; an `empty` one has no views of earlier queries. */
  async take(kind: 'any' | 'empty'): Promise<ScratchCatalog> {
    const idle = kind === 'any' ? this.#idle.pop() : undefined;
    return idle ?? ScratchCatalog.create(this.database);
  }

  /** Takes a catalog back whose query has ended. */
  async giveBack(catalog: ScratchCatalog, outcome: StreamOutcome): Promise<void> {
    // A connection whose statement was stopped is not trusted with another one.
    const isKept = outcome === 'complete' && catalog.isReusable && !this.#isClosed && this.#idle.length < MAX_IDLE;
    if (!isKept) return catalog.close();
    catalog.empty();
    this.#idle.push(catalog);
  }

  /** Lets the idle catalogs go. No query is running any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#idle.splice(0).map((catalog) => catalog.close()));
  }
}
