import {
  type DuckDbConnection,
  type DuckDbDatabase,
  quoteIdentifier,
  quoteTableName,
  type TableName,
} from '@millrace/duckdb';

let nextId = 0;

/**
 * A catalog of its own for one query: its tables stand under the datasets' names, so that the statement runs unmodified.
 *
 * It spills, any number of connections may fill its tables at the same time, and closing it frees everything.
 */
export class ScratchCatalog implements AsyncDisposable {
  readonly name: string;
  /** The connection on which the statement runs; its default catalog is this one. Closed with the catalog. */
  readonly connection: DuckDbConnection;
  readonly #database: DuckDbDatabase;
  readonly #schemas = new Set<string>(['main']);
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

  /** Creates an empty table; `columns` are definitions in SQL. Returns its quoted name. */
  async createTable(table: TableName, columns: readonly string[]): Promise<string> {
    const quoted = quoteTableName(table, this.name);
    await this.#define(table, `CREATE TABLE ${quoted} (${columns.join(', ')})`);
    return quoted;
  }

  /** Creates a view, in the place of one of that name; unqualified names in its SQL are looked up in this catalog. */
  createView(view: TableName, select: string): Promise<void> {
    return this.#define(view, `CREATE OR REPLACE VIEW ${quoteTableName(view, this.name)} AS ${select}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Drops the catalog with all that is in it; every statement on it has ended before. Idempotent. */
  close(): Promise<void> {
    this.#closed ??= this.#definitions
      .catch(() => undefined)
      .then(() => this.connection.close())
      .then(() => this.#database.detach(this.name));
    return this.#closed;
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
