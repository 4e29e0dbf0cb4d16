import { isMillraceError, MillraceError, type Schema } from '@millrace/core';
import {
  createPlanner,
  type PlaceTable,
  type PlannedQuery,
  type Planner,
  type QueryParameters,
  type QueryStream,
  type RowLimits,
  type SimpleSelect,
  type StatementInfo,
  type StatementInspector,
  type StreamRequest,
  substituteParameters,
  type TableName,
} from '@millrace/duckdb';
import { LRUCache } from 'lru-cache';
import { CatalogAnswers } from './catalog-answers.ts';
import { showAllTablesSql, showTablesSql } from './define-listing.ts';
import { type EngineTable, type EngineView, tableKey } from './engine-table.ts';
import { SESSION_SETTINGS } from './session-settings.ts';
import { type EngineCatalog, INFORMATION, placeTablesOf, type TableFinder } from './table-finder.ts';
import { type Resolution, TableRegistry } from './table-registry.ts';

/** Finds nothing: what may be named was registered. */
const NO_FINDER: TableFinder = { catalogs: [], find: () => undefined, prepareListing: async () => {} };

/** Statements, inspected or planned, that a scope remembers. */
const REMEMBERED_STATEMENTS = 500;

/** Longest statement that is remembered, in UTF-16 units. */
const REMEMBERED_LENGTH = 10_000;

/**
 * A statement that passed inspection, and what its names stand for. `rows` asks for rows of tables, `catalog` for what tables
 * there are and what columns they have, `explain` for how a statement would be answered.
 */
export interface InspectedStatement extends Resolution {
  readonly asks: 'rows' | 'catalog' | 'explain';
  /** The statement to run. */
  readonly sql: string;
  readonly takesParameters: boolean;
  /** Of the statement's own text, as are `hasJoin` and `isVolatile`. */
  readonly limits: RowLimits;
  readonly hasJoin: boolean;
  readonly isVolatile: boolean;
  /** The whole statement, where it is no more than a simple SELECT. */
  readonly simple?: SimpleSelect;
}

/** The tables and views that a statement may name, with the planner and the catalog that know them. */
export class QueryScope implements AsyncDisposable {
  readonly registry: TableRegistry = new TableRegistry();
  readonly #inspector: StatementInspector;
  readonly #planner: Planner;
  readonly #catalog: CatalogAnswers;
  /** What {@link StatementInspector.inspect} said; it depends on the text and on the catalogs alone. */
  readonly #inspected = new LRUCache<string, StatementInfo>({ max: REMEMBERED_STATEMENTS });
  /** Plans that were read. They depend on the text and on what the planner knows: clock and session fold to nothing there. */
  readonly #planned = new LRUCache<string, PlannedQuery>({ max: REMEMBERED_STATEMENTS });
  /** Tables that the planner and the registry are about to know by other columns. */
  readonly #redefining = new Set<string>();
  #finder: TableFinder = NO_FINDER;
  #place: PlaceTable | undefined;

  private constructor(inspector: StatementInspector, planner: Planner, memoryLimit: string | undefined) {
    this.#inspector = inspector;
    this.#planner = planner;
    const contents = () => ({
      generation: this.registry.generation,
      tables: this.registry.tables,
      views: this.registry.views,
      catalogs: this.#finder.catalogs,
    });
    this.#catalog = new CatalogAnswers(contents, memoryLimit);
  }

  /** `memoryLimit` is that of each instance that plans or lists what there is. */
  static async create(inspector: StatementInspector, memoryLimit?: string): Promise<QueryScope> {
    return new QueryScope(inspector, await createPlanner({ settings: SESSION_SETTINGS, memoryLimit }), memoryLimit);
  }

  /** Lets statements name what the finder finds. What its catalogs list may change by itself; see {@link catalogsChanged} for the rest. */
  useFinder(finder: TableFinder): void {
    this.#finder = finder;
    this.#place = placeTablesOf(finder.catalogs);
    this.#inspected.clear();
  }

  async addTable(table: EngineTable): Promise<void> {
    const key = tableKey(table.name);
    this.#redefining.add(key);
    try {
      await this.#planner.defineTable(table.name, table.schema);
      this.#planned.clear();
      this.registry.addTable(table);
    } finally {
      this.#redefining.delete(key);
    }
  }

  /** Forgets a table or view; nothing reads it from now on that was not inspected before. */
  async remove(name: TableName): Promise<void> {
    this.registry.remove(name);
    await this.#planner.drop(name);
    this.#planned.clear();
  }

  /** Whether the planner plans over these tables and views: none has become another one, or is about to. */
  plansOver({ tables, views }: Resolution): boolean {
    const isSettled = ({ name }: { readonly name: TableName }): boolean => !this.#redefining.has(tableKey(name));
    return (
      tables.every((table) => this.registry.table(table.name) === table && isSettled(table)) &&
      views.every((view) => this.registry.hasView(view) && isSettled(view))
    );
  }

  /** The catalogs of the finder are other ones now. */
  catalogsChanged(): void {
    this.#place = placeTablesOf(this.#finder.catalogs);
    this.#inspected.clear();
    this.#planned.clear();
    this.registry.listingChanged();
  }

  /** The tables and views that a statement names, as written; whether they exist is not asked. */
  async namesIn(sql: string): Promise<readonly TableName[]> {
    return (await this.#inspectText(sql)).tables;
  }

  /** Checks the SQL of a view and what it names, without making it known. */
  async checkView(view: EngineView): Promise<StatementInfo> {
    const info = await this.#inspector.inspect(view.sql, this.#place);
    if (info.kind !== 'query') throw refused(`a view is a SELECT, not ${info.kind.toUpperCase().replace('_', ' ')}`);
    await this.#findTables(info.tables);
    this.registry.checkView(view.name, info.tables);
    return info;
  }

  async addView(view: EngineView): Promise<void> {
    const info = await this.checkView(view);
    const key = tableKey(view.name);
    this.#redefining.add(key);
    try {
      await this.#planner.defineView(view.name, info.sql);
      this.#planned.clear();
      const { sql, limits, hasJoin, isVolatile } = info;
      this.registry.addView({ ...view, sql, limits, hasJoin, isVolatile }, info.tables);
    } finally {
      this.#redefining.delete(key);
    }
  }

  /** Checks a statement before any part of it is bound, and resolves its names. */
  async inspect(sql: string): Promise<InspectedStatement> {
    const info = await this.#inspectText(sql);
    const names = info.tables.filter((name) => !isInformation(name));
    await this.#findTables(names);
    if (info.kind === 'show_tables' || names.length < info.tables.length) await this.#finder.prepareListing();
    const found = {
      sql: info.sql,
      takesParameters: info.parameters.length > 0,
      limits: info.limits,
      hasJoin: info.hasJoin,
      isVolatile: info.isVolatile,
      ...(info.simple === undefined ? {} : { simple: info.simple }),
      ...this.registry.resolve(names),
    };
    if (info.kind === 'explain') return { ...found, asks: 'explain' };
    if (info.kind === 'describe') return { ...found, asks: 'catalog', sql: `DESCRIBE ${info.sql}` };
    if (info.kind === 'show_tables') return { ...found, asks: 'catalog', sql: showTables(info, this.#finder.catalogs) };
    if (names.length === info.tables.length) return { ...found, asks: 'rows' };
    if (names.length === 0) return { ...found, asks: 'catalog' };
    throw refused('information_schema cannot be queried together with datasets', 'Ask in two statements.');
  }

  /**
   * What each table has to deliver. Parameters take part as typed literals: as placeholders they would take the columns' types
   * and lose digits. Where a value cannot be written as one, or the statement binds only with placeholders, nothing is pushed down.
   */
  async plan(sql: string, parameters: QueryParameters | undefined): Promise<PlannedQuery> {
    if (parameters === undefined) return this.#planText(sql);
    try {
      return await this.#planText(substituteParameters(sql, parameters));
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

  async #inspectText(sql: string): Promise<StatementInfo> {
    const place = this.#place;
    const known = this.#inspected.get(sql);
    if (known !== undefined) return known;
    const info = await this.#inspector.inspect(sql, place);
    if (sql.length <= REMEMBERED_LENGTH && place === this.#place) this.#inspected.set(sql, info);
    return info;
  }

  async #planText(sql: string): Promise<PlannedQuery> {
    const known = this.#planned.get(sql);
    if (known !== undefined) return known;
    const { generation } = this.registry;
    const planned = await this.#planner.plan(sql);
    const isCurrent = generation === this.registry.generation;
    if (planned.kind === 'planned' && sql.length <= REMEMBERED_LENGTH && isCurrent) this.#planned.set(sql, planned);
    return planned;
  }

  /** Registers the tables that the finder answers for; each is defined again only when it has become another one. */
  async #findTables(names: readonly TableName[]): Promise<void> {
    await Promise.all(
      this.registry.reach(names).map(async (name) => {
        const table = await this.#finder.find(name)?.catch((error: unknown) => {
          this.registry.removeTable(name);
          throw error;
        });
        if (table && this.registry.table(name) !== table) await this.addTable(table);
      }),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#planner[Symbol.asyncDispose](), this.#catalog[Symbol.asyncDispose]()]);
  }
}

/** The tables of all schemas and catalogs, where DuckDB's own SHOW TABLES shows one schema's. */
function showTables(info: Extract<StatementInfo, { kind: 'show_tables' }>, catalogs: readonly EngineCatalog[]): string {
  return info.detail === 'columns' ? showAllTablesSql(catalogs) : showTablesSql(catalogs, info);
}

function isInformation({ schemaName = '' }: TableName): boolean {
  return ['information_schema', INFORMATION].includes(schemaName.toLowerCase());
}

function refused(message: string, hint?: string): MillraceError {
  return new MillraceError({
    code: 'sql_refused',
    component: 'query',
    message,
    ...(hint === undefined ? {} : { hint }),
  });
}
