import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { quoteIdentifier } from '../statement/quote-identifier.ts';
import { ENVIRONMENT_MACROS } from './environment-macros.ts';

/**
 * The optimizers that a readable plan needs. The others fold empty tables, reorder what the reader follows, or produce
 * operators that DuckDB cannot serialize.
 */
export const FILTER_OPTIMIZERS: readonly string[] = [
  ...['filter_pullup', 'filter_pushdown', 'expression_rewriter', 'limit_pushdown'],
  ...['top_n', 'deliminator', 'cte_filter_pusher', 'regex_range'],
];

/** How an {@link EmptyDatabase} is made. */
export interface EmptyDatabaseOptions {
  /** The optimizers that stay on. They are global to a DuckDB instance, hence an instance for each set. */
  readonly optimizers: readonly string[];
  /** Settings that decide how the executing engine reads a query: time zone, collation, order of nulls … */
  readonly settings: Readonly<Record<string, string>>;
  /** For example `64MiB`; default that of DuckDB, 80 % of the machine's memory. */
  readonly memoryLimit?: string | undefined;
  /** Statements to run once the database is open. */
  readonly definitions: readonly string[];
}

/**
 * A DuckDB instance in memory that holds definitions and never a row, and serializes plans over them.
 *
 * It cannot open a file or reach the network: binding a query alone would do so otherwise.
 */
export class EmptyDatabase {
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  readonly #allOptimizers: readonly string[];

  private constructor(opened: {
    instance: DuckDBInstance;
    connection: DuckDBConnection;
    allOptimizers: readonly string[];
  }) {
    this.#instance = opened.instance;
    this.#connection = opened.connection;
    this.#allOptimizers = opened.allOptimizers;
  }

  /** Opens one, in about 15 ms. */
  static async open(options: EmptyDatabaseOptions): Promise<EmptyDatabase> {
    const instance = await DuckDBInstance.create(':memory:', {
      threads: '1',
      enable_external_access: 'false',
      autoload_known_extensions: 'false',
      autoinstall_known_extensions: 'false',
      ...(options.memoryLimit === undefined ? {} : { memory_limit: options.memoryLimit }),
    });
    const connection = await instance.connect();
    const names = await connection.runAndReadAll('SELECT name FROM duckdb_optimizers()');
    const allOptimizers = names.getRowsJS().map(([name]) => String(name));
    const database = new EmptyDatabase({ instance, connection, allOptimizers });
    for (const [name, value] of Object.entries(options.settings)) {
      await database.run(`SET GLOBAL ${quoteIdentifier(name)} = ${quoteText(value)}`);
    }
    for (const macro of ENVIRONMENT_MACROS) await database.run(macro);
    for (const definition of options.definitions) await database.run(definition);
    await database.keepOptimizers(options.optimizers);
    return database;
  }

  async run(sql: string): Promise<void> {
    await this.#connection.run(sql);
  }

  async keepOptimizers(kept: readonly string[]): Promise<void> {
    const disabled = this.#allOptimizers.filter((name) => !kept.includes(name));
    await this.run(`SET disabled_optimizers = ${quoteText(disabled.join())}`);
  }

  /** The optimized plan as JSON text. It describes an error of the query instead of throwing it. */
  async serializePlan(sql: string): Promise<string> {
    const [plan] = await this.#readTexts(planCall(sql));
    return plan ?? '';
  }

  /** The optimized plan and the parsed statement as JSON texts. */
  async serializePlanAndStatement(sql: string): Promise<{ readonly plan: string; readonly statement: string }> {
    const [plan, statement] = await this.#readTexts(`${planCall(sql)}, ${statementCall(sql)}`);
    return { plan: plan ?? '', statement: statement ?? '' };
  }

  /** The parsed statement as JSON text. */
  async serializeStatement(sql: string): Promise<string> {
    const [statement] = await this.#readTexts(statementCall(sql));
    return statement ?? '';
  }

  close(): void {
    this.#connection.closeSync();
    this.#instance.closeSync();
  }

  async #readTexts(calls: string): Promise<readonly (string | undefined)[]> {
    const result = await this.#connection.run(`SELECT ${calls}`);
    // The one row is there already: to fetch it would cost two more turns of the event loop.
    return result
      .getChunk(0)
      .getRowValues(0)
      .map((value) => (typeof value === 'string' ? value : undefined));
  }
}

function planCall(sql: string): string {
  return `json_serialize_plan(${quoteText(sql)}, skip_empty := true, skip_null := true, optimize := true)`;
}

function statementCall(sql: string): string {
  return `json_serialize_sql(${quoteText(sql)}, skip_empty := true, skip_null := true)`;
}

function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
