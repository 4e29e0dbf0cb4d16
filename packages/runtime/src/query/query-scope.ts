import { isMillraceError, MillraceError, type Schema } from '@millrace/core';
import {
  createPlanner,
  type PlannedQuery,
  type Planner,
  type QueryParameters,
  type QueryStream,
  type StatementInfo,
  type StatementInspector,
  type StreamRequest,
  substituteParameters,
} from '@millrace/duckdb';
import { CatalogAnswers } from './catalog-answers.ts';
import type { EngineTable, EngineView } from './engine-table.ts';
import { SESSION_SETTINGS } from './session-settings.ts';
import { type Resolution, TableRegistry } from './table-registry.ts';

/**
 * A statement that passed inspection, and what its names stand for. `rows` asks for rows of tables, `catalog` for what tables
 * there are and what columns they have, `explain` for how a statement would be answered.
 */
export interface InspectedStatement extends Resolution {
  readonly asks: 'rows' | 'catalog' | 'explain';
  /** The statement to run. */
  readonly sql: string;
  readonly takesParameters: boolean;
}

/** The tables and views that a statement may name, with the planner and the catalog that know them. */
export class QueryScope implements AsyncDisposable {
  readonly registry: TableRegistry = new TableRegistry();
  readonly #inspector: StatementInspector;
  readonly #planner: Planner;
  readonly #catalog = new CatalogAnswers(this.registry);

  private constructor(inspector: StatementInspector, planner: Planner) {
    this.#inspector = inspector;
    this.#planner = planner;
  }

  static async create(inspector: StatementInspector): Promise<QueryScope> {
    return new QueryScope(inspector, await createPlanner({ settings: SESSION_SETTINGS }));
  }

  async addTable(table: EngineTable): Promise<void> {
    await this.#planner.defineTable(table.name, table.schema);
    this.registry.addTable(table);
  }

  async addView(view: EngineView): Promise<void> {
    const info = await this.#inspector.inspect(view.sql);
    if (info.kind !== 'query') throw refused(`a view is a SELECT, not ${info.kind.toUpperCase().replace('_', ' ')}`);
    this.registry.checkView(view.name, info.tables);
    await this.#planner.defineView(view.name, info.sql);
    this.registry.addView({ ...view, sql: info.sql }, info.tables);
  }

  /** Checks a statement before any part of it is bound, and resolves its names. */
  async inspect(sql: string): Promise<InspectedStatement> {
    const info = await this.#inspector.inspect(sql);
    const names = info.tables.filter(({ schemaName }) => schemaName?.toLowerCase() !== 'information_schema');
    const found = { sql: info.sql, takesParameters: info.parameters.length > 0, ...this.registry.resolve(names) };
    if (info.kind === 'explain') return { ...found, asks: 'explain' };
    if (info.kind === 'describe') return { ...found, asks: 'catalog', sql: `DESCRIBE ${info.sql}` };
    if (info.kind === 'show_tables') return { ...found, asks: 'catalog', sql: showTables(info) };
    if (names.length === info.tables.length) return { ...found, asks: 'rows' };
    if (names.length === 0) return { ...found, asks: 'catalog' };
    throw refused('information_schema cannot be queried together with datasets', 'Ask in two statements.');
  }

  /**
   * What each table has to deliver. Parameters take part as typed literals: as placeholders they would take the columns' types
   * and lose digits. Where a value cannot be written as one, or the statement binds only with placeholders, nothing is pushed down.
   */
  async plan(sql: string, parameters: QueryParameters | undefined): Promise<PlannedQuery> {
    if (parameters === undefined) return this.#planner.plan(sql);
    try {
      return await this.#planner.plan(substituteParameters(sql, parameters));
    } catch (error) {
      if (!isMillraceError(error) || (error.code !== 'sql_error' && error.code !== 'unsupported')) throw error;
      return { kind: 'unreadable', reason: 'its parameters cannot be written as literals' };
    }
  }

  /**
   * The schema of a query's result, without reading a row.
   * @throws MillraceError `sql_refused` for what asks for no rows of tables, or takes parameters.
   */
  async describe(sql: string): Promise<Schema> {
    const statement = await this.inspect(sql);
    if (statement.asks !== 'rows') throw refused('the statement asks for no rows of tables', 'Write a SELECT.');
    if (statement.takesParameters) throw refused('the statement takes parameters', 'Write the values into it.');
    return this.#catalog.describe(statement.sql);
  }

  /** Runs a statement that asks for the catalog. */
  answer(request: StreamRequest): Promise<QueryStream> {
    return this.#catalog.query(request);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#planner[Symbol.asyncDispose](), this.#catalog[Symbol.asyncDispose]()]);
  }
}

/** The tables of all schemas, where DuckDB's own SHOW TABLES shows one schema's. */
function showTables(info: Extract<StatementInfo, { kind: 'show_tables' }>): string {
  if (info.detail === 'columns') return 'SHOW ALL TABLES';
  const inSchema =
    info.schemaName === undefined ? '' : ` AND lower(table_schema) = lower('${info.schemaName.replaceAll("'", "''")}')`;
  return `SELECT CASE WHEN table_schema = 'main' THEN table_name ELSE table_schema || '.' || table_name END AS name
    FROM information_schema.tables WHERE table_catalog = 'millrace'${inSchema} ORDER BY ALL`;
}

function refused(message: string, hint?: string): MillraceError {
  return new MillraceError({
    code: 'sql_refused',
    component: 'query',
    message,
    ...(hint === undefined ? {} : { hint }),
  });
}
