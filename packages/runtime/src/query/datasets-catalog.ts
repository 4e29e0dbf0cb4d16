import type { NativeRelation } from '@millrace/core';
import {
  type DuckDbConnection,
  type DuckDbDatabase,
  quoteIdentifier,
  quoteTableName,
  type TableName,
} from '@millrace/duckdb';
import { isSameRelation, openRelation } from './direct-relation.ts';
import { type EngineTable, type EngineView, tableKey } from './engine-table.ts';

const CATALOG = '__millrace_datasets';

/** What stands in the catalog under a table's name. */
interface Published {
  readonly table: EngineTable;
  readonly relation: NativeRelation;
  readonly release: () => void;
}

/** A view of the user's, and how many tables had become other ones when it was made. */
interface PublishedView {
  readonly sql: string;
  readonly redefinitions: number;
}

/**
 * The catalog in which tables that need no staging stand as views, so that a query over them costs no definition at all.
 *
 * A published view is replaced when its provider offers another relation (an accelerated Arrow table after a refresh). What
 * the old one held is released only once every query that was running at that moment has ended.
 */
export class DatasetsCatalog {
  readonly #database: DuckDbDatabase;
  readonly #published = new Map<string, Published>();
  readonly #views = new Map<string, PublishedView>();
  readonly #schemas = new Set<string>(['main']);
  readonly #idle: DuckDbConnection[] = [];
  readonly #running = new Set<symbol>();
  readonly #retired: { readonly waitsFor: Set<symbol>; readonly release: () => void }[] = [];
  #changes: Promise<unknown> = Promise.resolve();
  /** Rises when another table or view takes a name, whose columns may be other ones. */
  #redefinitions = 0;
  #closed = false;

  private constructor(database: DuckDbDatabase) {
    this.#database = database;
  }

  /**
   * Changes when another table or view takes a name. A statement that was bound between two equal answers, after what it reads was published, reads
   * what was published for it.
   */
  get redefinitions(): number {
    return this.#redefinitions;
  }

  static async create(database: DuckDbDatabase): Promise<DatasetsCatalog> {
    await database.attach({ path: ':memory:', alias: CATALOG });
    return new DatasetsCatalog(database);
  }

  /** Marks a query as running; the returned function ends it and is safe to call twice. */
  enter(): () => void {
    const query = Symbol('query');
    this.#running.add(query);
    return () => {
      if (!this.#running.delete(query)) return;
      for (const retired of this.#retired) retired.waitsFor.delete(query);
      for (const retired of this.#retired.filter(({ waitsFor }) => waitsFor.size === 0)) {
        this.#retired.splice(this.#retired.indexOf(retired), 1);
        retired.release();
      }
    };
  }

  /** A connection whose default catalog is this one. */
  async connect(): Promise<DuckDbConnection> {
    const idle = this.#idle.pop();
    if (idle) return idle;
    const connection = await this.#database.connect();
    try {
      await connection.run(`USE ${CATALOG}`);
      return connection;
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  /** Takes a connection back that has ended its query in good order. */
  async giveBack(connection: DuckDbConnection): Promise<void> {
    if (this.#closed) await connection.close();
    else this.#idle.push(connection);
  }

  /** Makes the table readable under its name. */
  async publish(table: EngineTable, relation: NativeRelation): Promise<void> {
    const key = tableKey(table.name);
    if (this.#holds(table, relation)) return;
    await this.#change(async () => {
      if (this.#holds(table, relation)) return;
      const previous = this.#published.get(key);
      const wasView = this.#views.delete(key);
      const isRedefined = wasView || (previous !== undefined && previous.table !== table);
      if (isRedefined) this.#redefinitions += 1;
      const { select, release } = openRelation(this.#database, table, relation);
      try {
        // While it is replaced, what the name stands for is not told to anybody.
        if (isRedefined) this.#published.delete(key);
        await this.#createView(table, select);
      } catch (error) {
        if (previous) this.#published.set(key, previous);
        release();
        throw error;
      }
      this.#published.set(key, { table, relation, release });
      if (previous) this.retire(previous.release);
    });
  }

  /** Whether the table's name stands for this table, whichever version of its rows that is. */
  holds(table: EngineTable): boolean {
    return this.#published.get(tableKey(table.name))?.table === table;
  }

  /** Lets the tables and views of these names go; queries that run keep what they read. */
  async withdraw(names: readonly TableName[]): Promise<void> {
    await this.#change(async () => {
      for (const name of names) {
        const key = tableKey(name);
        const published = this.#published.get(key);
        if (!published && !this.#views.has(key)) continue;
        this.#redefinitions += 1;
        this.#published.delete(key);
        this.#views.delete(key);
        await this.#run(`DROP VIEW IF EXISTS ${quoteTableName(name, CATALOG)}`);
        if (published) this.retire(published.release);
      }
    });
  }

  /** Makes a view readable under its name; everything that it uses has been published before. */
  async publishView(view: EngineView): Promise<void> {
    const key = tableKey(view.name);
    // DuckDB binds a view to the columns that it was made over.
    const isThere = () => {
      const published = this.#views.get(key);
      return published?.sql === view.sql && published.redefinitions === this.#redefinitions;
    };
    if (isThere()) return;
    await this.#change(async () => {
      if (isThere()) return;
      const [table, former] = [this.#published.get(key), this.#views.get(key)];
      if (table || (former && former.sql !== view.sql)) this.#redefinitions += 1;
      this.#published.delete(key);
      if (table) this.retire(table.release);
      const redefinitions = this.#redefinitions;
      await this.#createView(view, view.sql);
      this.#views.set(key, { sql: view.sql, redefinitions });
    });
  }

  /** Releases everything; no query is running any more. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#changes;
    await Promise.allSettled(this.#idle.splice(0).map((connection) => connection.close()));
    for (const { release } of this.#published.values()) release();
    for (const { release } of this.#retired.splice(0)) release();
    this.#published.clear();
  }

  #holds(table: EngineTable, relation: NativeRelation): boolean {
    return this.holds(table) && isSameRelation(this.#published.get(tableKey(table.name))?.relation, relation);
  }

  async #createView(entry: EngineTable | EngineView, select: string): Promise<void> {
    const schemaName = entry.name.schemaName ?? 'main';
    if (!this.#schemas.has(schemaName.toLowerCase())) {
      await this.#run(`CREATE SCHEMA IF NOT EXISTS ${CATALOG}.${quoteIdentifier(schemaName)}`);
      this.#schemas.add(schemaName.toLowerCase());
    }
    await this.#run(`CREATE OR REPLACE VIEW ${quoteTableName(entry.name, CATALOG)} AS ${select}`);
  }

  async #run(sql: string): Promise<void> {
    const connection = await this.connect();
    try {
      await connection.run(sql);
    } finally {
      await this.giveBack(connection);
    }
  }

  /** Releases something once every query that is running now has ended; at once where none is. */
  retire(release: () => void): void {
    if (this.#running.size === 0) release();
    else this.#retired.push({ waitsFor: new Set(this.#running), release });
  }

  /** Definitions change one after the other: two transactions that replace one view conflict. */
  #change<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#changes.then(work);
    this.#changes = done.catch(() => undefined);
    return done;
  }
}
