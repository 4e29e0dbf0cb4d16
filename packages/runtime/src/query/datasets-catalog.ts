import type { NativeRelation } from '@millrace/core';
import { type DuckDbConnection, type DuckDbDatabase, quoteIdentifier, quoteTableName } from '@millrace/duckdb';
import { isSameRelation, openRelation } from './direct-relation.ts';
import { type EngineTable, type EngineView, tableKey } from './engine-table.ts';

const CATALOG = '__millrace_datasets';

/** What stands in the catalog under a table's name. */
interface Published {
  readonly relation: NativeRelation;
  readonly release: () => void;
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
  readonly #views = new Set<string>();
  readonly #schemas = new Set<string>(['main']);
  readonly #idle: DuckDbConnection[] = [];
  readonly #running = new Set<symbol>();
  readonly #retired: { readonly waitsFor: Set<symbol>; readonly release: () => void }[] = [];
  #changes: Promise<unknown> = Promise.resolve();
  #closed = false;

  private constructor(database: DuckDbDatabase) {
    this.#database = database;
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
    if (isSameRelation(this.#published.get(key)?.relation, relation)) return;
    await this.#change(async () => {
      const previous = this.#published.get(key);
      if (isSameRelation(previous?.relation, relation)) return;
      const { select, release } = openRelation(this.#database, table, relation);
      try {
        await this.#createView(table, select);
      } catch (error) {
        release();
        throw error;
      }
      this.#published.set(key, { relation, release });
      if (previous) this.#retire(previous.release);
    });
  }

  /** Makes a view readable under its name; everything that it uses has been published before. */
  async publishView(view: EngineView): Promise<void> {
    const key = tableKey(view.name);
    if (this.#views.has(key)) return;
    await this.#change(async () => {
      if (this.#views.has(key)) return;
      await this.#createView(view, view.sql);
      this.#views.add(key);
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

  async #createView(entry: EngineTable | EngineView, select: string): Promise<void> {
    const schemaName = entry.name.schemaName ?? 'main';
    const connection = await this.connect();
    try {
      if (!this.#schemas.has(schemaName.toLowerCase())) {
        await connection.run(`CREATE SCHEMA IF NOT EXISTS ${CATALOG}.${quoteIdentifier(schemaName)}`);
        this.#schemas.add(schemaName.toLowerCase());
      }
      await connection.run(`CREATE OR REPLACE VIEW ${quoteTableName(entry.name, CATALOG)} AS ${select}`);
    } finally {
      await this.giveBack(connection);
    }
  }

  #retire(release: () => void): void {
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
