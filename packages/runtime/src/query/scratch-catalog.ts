import type { RecordBatch, Schema } from '@millrace/core';
import {
  type BatchRelation,
  type DuckDbConnection,
  type DuckDbDatabase,
  quoteIdentifier,
  quoteTableName,
  type TableName,
} from '@millrace/duckdb';
import { type EngineTable, tableKey } from './engine-table.ts';

let nextId = 0;

/** Names that a catalog may know and still serve another query. */
const MAX_NAMES = 64;

/** Columns of a table whose rows come in batches. */
export interface OfferRequest {
  readonly table: EngineTable;
  /** Places of the columns in the table's schema. */
  readonly projection: readonly number[];
  /** The SELECT that shows them as the table, of a relation that has these columns alone. */
  readonly select: (source: string) => string;
}

interface Offer {
  readonly schema: Schema;
  readonly columns: string;
  readonly relation: BatchRelation;
  readonly batches: RecordBatch[];
}

/**
 * A catalog for one query at a time: its tables stand under the datasets' names, so that the statement runs unmodified.
 *
 * It spills, any number of connections may fill its tables at the same time, and closing it frees everything. Views of earlier queries stay
 * until another one takes their name: a statement names nothing but what was put there for it, unless it is through a view in a schema.
 */
export class ScratchCatalog implements AsyncDisposable {
  readonly name: string;
  /** The connection on which the statement runs; its default catalog is this one. Closed with the catalog. */
  readonly connection: DuckDbConnection;
  readonly #database: DuckDbDatabase;
  readonly #schemas = new Set<string>(['main']);
  readonly #offers = new Map<string, Offer>();
  /** Names of views, of earlier queries too. */
  readonly #names = new Set<string>();
  #hasTables = false;
  #definitions: Promise<unknown> = Promise.resolve();
  #closed: Promise<void> | undefined;

  private constructor(database: DuckDbDatabase, name: string, connection: DuckDbConnection) {
    this.#database = database;
    this.name = name;
    this.connection = connection;
  }

  static async create(database: DuckDbDatabase): Promise<ScratchCatalog> {
    nextId += 1;
    const name = `__millrace_q${nextId}`;
    const connection = await database.connect();
    try {
      await connection.run(`ATTACH ':memory:' AS ${name}; USE ${name}`);
      return new ScratchCatalog(database, name, connection);
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  /** Whether it may serve another query. */
  get isReusable(): boolean {
    return !this.#hasTables && this.#names.size <= MAX_NAMES;
  }

  /** Lets the rows of the query go that has ended. */
  empty(): void {
    for (const { batches } of this.#offers.values()) batches.length = 0;
  }

  /** Shows batches under a table's name: those that are in the array that comes back when the statement is prepared. */
  async offerBatches({ table, projection, select }: OfferRequest): Promise<RecordBatch[]> {
    const { schema } = table;
    const columns = projection.join();
    const known = this.#offers.get(tableKey(table.name));
    if (known?.schema === schema && known.columns === columns) return known.batches;
    const batches: RecordBatch[] = [];
    const fields = projection.map((ordinal) => schema.fields[ordinal]!);
    const relation = this.#database.registerBatches({ schema: { fields }, batches });
    try {
      await this.createView(table.name, select(relation.sql));
    } catch (error) {
      relation.release();
      throw error;
    }
    this.#offers.set(tableKey(table.name), { schema, columns, relation, batches });
    return batches;
  }

  /** Creates an empty table; `columns` are definitions in SQL. Returns its quoted name. */
  async createTable(table: TableName, columns: readonly string[]): Promise<string> {
    const quoted = quoteTableName(table, this.name);
    this.#hasTables = true;
    await this.#define(table, `CREATE TABLE ${quoted} (${columns.join(', ')})`);
    return quoted;
  }

  /** Creates a view, in the place of one of that name; unqualified names in its SQL are looked up in this catalog. */
  async createView(view: TableName, select: string): Promise<void> {
    const key = tableKey(view);
    this.#names.add(key);
    const replaced = this.#offers.get(key);
    this.#offers.delete(key);
    try {
      await this.#define(view, `CREATE OR REPLACE VIEW ${quoteTableName(view, this.name)} AS ${select}`);
    } finally {
      replaced?.relation.release();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Drops the catalog with all that is in it; every statement on it has ended before. Idempotent. */
  close(): Promise<void> {
    this.#closed ??= this.#definitions
      .catch(() => undefined)
      .then(() => this.connection.close())
      .then(() => this.#database.detach(this.name))
      .finally(() => this.#releaseOffers());
    return this.#closed;
  }

  #releaseOffers(): void {
    for (const { relation } of this.#offers.values()) relation.release();
    this.#offers.clear();
  }

  /** Definitions run one after the other on the catalog's connection. */
  #define(name: TableName, statement: string): Promise<void> {
    const schemaName = name.schemaName ?? 'main';
    const defined = this.#definitions.then(async () => {
      if (!this.#schemas.has(schemaName.toLowerCase())) {
        await this.connection.run(`CREATE SCHEMA ${this.name}.${quoteIdentifier(schemaName)}`);
        this.#schemas.add(schemaName.toLowerCase());
      }
      await this.connection.run(statement);
    });
    this.#definitions = defined.catch(() => undefined);
    return defined;
  }
}
