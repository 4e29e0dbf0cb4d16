import type { Schema } from '@millrace/core';
import {
  type DuckDbConnection,
  type DuckDbDatabase,
  openDatabase,
  type QueryStream,
  quoteIdentifier,
  quoteTableName,
  type StreamRequest,
  toDuckDbType,
} from '@millrace/duckdb';
import { defineListing } from './define-listing.ts';
import type { EngineTable, EngineView } from './engine-table.ts';
import type { EngineCatalog } from './table-finder.ts';

/** What there is to answer about. `generation` rises with every change. */
export interface CatalogContents {
  readonly generation: number;
  readonly tables: readonly EngineTable[];
  readonly views: readonly EngineView[];
  readonly catalogs: readonly EngineCatalog[];
}

/** An instance with the tables of one generation of the registry, all empty. */
interface CatalogInstance {
  readonly generation: number;
  readonly database: Promise<DuckDbDatabase>;
  /** Statements that run in it or are about to. */
  users: number;
}

/**
 * Answers what is asked about tables and not of them: `DESCRIBE`, `SHOW TABLES`, `information_schema`.
 *
 * The statement runs in an instance that holds nothing but empty tables with the datasets' names, so that it can never show
 * a staging or checkpoint table. Made at the first such statement, and again when the registry has changed; the old one is closed
 * when its last statement has ended.
 */
export class CatalogAnswers implements AsyncDisposable {
  readonly #contents: () => CatalogContents;
  readonly #memoryLimit: string | undefined;
  #instance: CatalogInstance | undefined;

  constructor(contents: () => CatalogContents, memoryLimit?: string) {
    this.#contents = contents;
    this.#memoryLimit = memoryLimit;
  }

  /** The schema of a statement's result. */
  async describe(sql: string): Promise<Schema> {
    const { connection, leave } = await this.#connect();
    try {
      return await connection.describe(sql);
    } finally {
      await leave();
    }
  }

  /** Runs an inspected statement over the empty tables. */
  async query(request: StreamRequest): Promise<QueryStream> {
    const { connection, leave } = await this.#connect();
    try {
      return await connection.stream({
        ...request,
        onClose: (outcome) => {
          void leave();
          request.onClose?.(outcome);
        },
      });
    } catch (error) {
      await leave();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const instance = this.#instance;
    this.#instance = undefined;
    if (instance) await close(instance);
  }

  /** A connection to the tables as they are now; `leave` closes it and is safe to call twice. */
  async #connect(): Promise<{ readonly connection: DuckDbConnection; readonly leave: () => Promise<void> }> {
    const instance = this.#current();
    instance.users += 1;
    let connection: DuckDbConnection | undefined;
    let left: Promise<void> | undefined;
    const leave = () => {
      left ??= this.#leave(instance, connection);
      return left;
    };
    try {
      connection = await (await instance.database).connect();
      await connection.run('USE millrace');
      return { connection, leave };
    } catch (error) {
      // An instance that could not be made is made anew for the next statement.
      if (instance === this.#instance) this.#instance = undefined;
      await leave();
      throw error;
    }
  }

  async #leave(instance: CatalogInstance, connection: DuckDbConnection | undefined): Promise<void> {
    await connection?.close();
    instance.users -= 1;
    if (instance.users === 0 && instance !== this.#instance) await close(instance);
  }

  #current(): CatalogInstance {
    const contents = this.#contents();
    const { generation } = contents;
    const previous = this.#instance;
    if (previous?.generation === generation) return previous;
    const database = createInstance(contents, this.#memoryLimit);
    database.catch(() => undefined);
    this.#instance = { generation, database, users: 0 };
    if (previous?.users === 0) void close(previous);
    return this.#instance;
  }
}

async function close({ database }: CatalogInstance): Promise<void> {
  await database.then(
    (opened) => opened.close(),
    () => undefined,
  );
}

async function createInstance(
  { tables, views, catalogs }: CatalogContents,
  memoryLimit: string | undefined,
): Promise<DuckDbDatabase> {
  const database = await openDatabase({ path: ':memory:', component: 'catalog', threads: 1, memoryLimit });
  try {
    await database.attach({ path: ':memory:', alias: 'millrace' });
    await database.withConnection(async (connection) => {
      await defineAll(connection, { tables, views });
      if (catalogs.length > 0) await defineListing(database, connection, catalogs);
    });
    await database.restrictFileAccess({ paths: [], directories: [] });
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function defineAll(
  connection: DuckDbConnection,
  { tables, views }: Pick<CatalogContents, 'tables' | 'views'>,
): Promise<void> {
  await connection.run('USE millrace');
  const schemas = new Set([...tables, ...views].map(({ name }) => name.schemaName ?? 'main'));
  for (const schemaName of schemas) await connection.run(`CREATE SCHEMA IF NOT EXISTS ${quoteIdentifier(schemaName)}`);
  for (const { name, schema } of tables) {
    const columns = schema.fields.map((field) => `${quoteIdentifier(field.name)} ${toDuckDbType(field)}`);
    await connection.run(`CREATE TABLE ${quoteTableName(name)} (${columns.join(', ')})`);
  }
  const defined: EngineView[] = [];
  for (const view of views) {
    try {
      await connection.run(`CREATE VIEW ${quoteTableName(view.name)} AS ${view.sql}`);
      defined.push(view);
    } catch {
      // A table behind it is gone or has other columns by now: a query over the view says so by itself.
    }
  }
  for (const { kind, name, description } of [
    ...tables.map((table) => ({ kind: 'TABLE', ...table })),
    ...defined.map((view) => ({ kind: 'VIEW', ...view })),
  ]) {
    if (description === undefined) continue;
    await connection.run(`COMMENT ON ${kind} ${quoteTableName(name)} IS '${description.replaceAll("'", "''")}'`);
  }
}
