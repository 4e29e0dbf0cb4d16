import type { EngineTable } from '../query/engine-table.ts';
import type { QueryEngine } from '../query/query-engine.ts';
import type { QueryScope } from '../query/query-scope.ts';

/** Scopes of one engine that stay open without being used; each has a planner and a catalog, DuckDB instances of a few megabytes. */
const MAX_IDLE = 8;

/** What opens scopes. */
type ScopeOpener = Pick<QueryEngine, 'createScope'>;

/** The idle scopes of each engine, the one that was used last at the end. */
const idleScopes = new WeakMap<ScopeOpener, Set<OnDemandScope>>();

/**
 * A scope that knows one table. It is opened when it is used, and closed again when enough others have been used since, so that any number of
 * datasets may have one.
 */
export class OnDemandScope implements AsyncDisposable {
  readonly #table: EngineTable;
  readonly #engine: ScopeOpener;
  readonly #idle: Set<OnDemandScope>;
  #opened: Promise<QueryScope> | undefined;
  #userCount = 0;
  #isDisposed = false;

  constructor(table: EngineTable, engine: ScopeOpener) {
    this.#table = table;
    this.#engine = engine;
    this.#idle = idleScopes.get(engine) ?? new Set();
    idleScopes.set(engine, this.#idle);
  }

  /** Works with the scope; a statement that has been started needs it no more. */
  async use<T>(work: (scope: QueryScope) => Promise<T>): Promise<T> {
    this.#idle.delete(this);
    this.#userCount += 1;
    this.#opened ??= this.#open();
    try {
      return await work(await this.#opened);
    } finally {
      this.#userCount -= 1;
      if (this.#userCount === 0) this.#rest();
    }
  }

  /** Closes the scope, or lets whoever uses it do so. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    if (this.#userCount === 0) await this.#close();
  }

  async #open(): Promise<QueryScope> {
    try {
      return await this.#engine.createScope([this.#table]);
    } catch (error) {
      // The next use tries again.
      this.#opened = undefined;
      throw error;
    }
  }

  #rest(): void {
    if (this.#isDisposed) {
      void this.#close();
      return;
    }
    this.#idle.add(this);
    for (const oldest of this.#idle) {
      if (this.#idle.size <= MAX_IDLE) return;
      void oldest.#close();
    }
  }

  async #close(): Promise<void> {
    this.#idle.delete(this);
    const opened = this.#opened;
    this.#opened = undefined;
    const scope = await opened?.catch(() => undefined);
    await scope?.[Symbol.asyncDispose]();
  }
}
