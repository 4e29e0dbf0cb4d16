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
import type { TableRegistry } from './table-registry.ts';

/** An instance with the tables of one generation of the registry, all empty. */
interface CatalogInstance {
  readonly generation: number;
  readonly database: DuckDbDatabase;
}

/**
 * Answers what is asked about tables and not of them: `DESCRIBE`, `SHOW TABLES`, `information_schema`.
 *
 * The statement runs in an instance that holds nothing but empty tables with the datasets' names, so that it can never show
 * a staging or checkpoint table. Made at the first such statement, and again when the registry has changed.
 */
export class CatalogAnswers implements AsyncDisposable {
  readonly #registry: TableRegistry;
  #instance: Promise<CatalogInstance> | undefined;

  constructor(registry: TableRegistry) {
    this.#registry = registry;
  }

  /** The schema of a statement's result. */
  async describe(sql: string): Promise<Schema> {
    const connection = await this.#connect();
    try {
      return await connection.describe(sql);
    } finally {
      await connection.close();
    }
  }

  /** Runs an inspected statement over the empty tables. */
  async query(request: StreamRequest): Promise<QueryStream> {
    const connection = await this.#connect();
    try {
      return await connection.stream({
        ...request,
        onClose: (outcome) => {
          void connection.close();
          request.onClose?.(outcome);
        },
      });
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const instance = await this.#instance;
    this.#instance = undefined;
    await instance?.database.close();
  }

  async #connect(): Promise<DuckDbConnection> {
    const current = await this.#instance;
    if (current?.generation !== this.#registry.generation) {
      this.#instance = createInstance(this.#registry);
      await current?.database.close();
    }
    const { database } = await this.#instance!;
    const connection = await database.connect();
    await connection.run('USE millrace');
    return connection;
  }
}

async function createInstance(registry: TableRegistry): Promise<CatalogInstance> {
  const { generation, tables, views } = registry;
  const database = await openDatabase({ path: ':memory:', component: 'catalog', threads: 1 });
  await database.attach({ path: ':memory:', alias: 'millrace' });
  await database.withConnection(async (connection) => {
    await connection.run('USE millrace');
    const schemas = new Set([...tables, ...views].map(({ name }) => name.schemaName ?? 'main'));
    for (const schemaName of schemas)
      await connection.run(`CREATE SCHEMA IF NOT EXISTS ${quoteIdentifier(schemaName)}`);
    for (const { name, schema } of tables) {
      const columns = schema.fields.map((field) => `${quoteIdentifier(field.name)} ${toDuckDbType(field)}`);
      await connection.run(`CREATE TABLE ${quoteTableName(name)} (${columns.join(', ')})`);
    }
    for (const { name, sql } of views) await connection.run(`CREATE VIEW ${quoteTableName(name)} AS ${sql}`);
    for (const { kind, name, description } of [
      ...tables.map((table) => ({ kind: 'TABLE', ...table })),
      ...views.map((view) => ({ kind: 'VIEW', ...view })),
    ]) {
      if (description === undefined) continue;
      await connection.run(`COMMENT ON ${kind} ${quoteTableName(name)} IS '${description.replaceAll("'", "''")}'`);
    }
  });
  await database.restrictFileAccess({ paths: [], directories: [] });
  return { generation, database };
}
