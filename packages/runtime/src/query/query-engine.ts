import type { RecordBatch, Schema } from '@millrace/core';
import {
  createStatementInspector,
  type DuckDbDatabase,
  openDatabase,
  type QueryStream,
  type StatementInspector,
  type TableName,
} from '@millrace/duckdb';
import { Observer } from '../observability/observer.ts';
import { DatasetsCatalog } from './datasets-catalog.ts';
import type { EngineSettings } from './engine-settings.ts';
import type { EngineTable, EngineView, InspectedView } from './engine-table.ts';
import type { QueryExplanation } from './explain-query.ts';
import type { QueryRequest } from './query-request.ts';
import { type InspectedStatement, QueryScope } from './query-scope.ts';
import { SESSION_SETTINGS } from './session-settings.ts';
import { type RunnerParts, StatementRunner } from './statement-runner.ts';
import { TableChanges } from './table-changes.ts';
import type { TableFinder } from './table-finder.ts';
import type { Resolution } from './table-registry.ts';

/** What an engine is made from, once it is open. */
interface EngineParts extends RunnerParts {
  readonly inspector: StatementInspector;
  readonly planningMemoryLimit: string | undefined;
}

/**
 * Runs SQL over registered tables: DuckDB plans and executes, providers are read through their contracts.
 *
 * The user's statement is inspected before any part of it is bound, and it runs unmodified; only what the tables' names
 * stand for differs from query to query.
 */
export class QueryEngine implements AsyncDisposable {
  /** The instance itself, offered to accelerators that keep their tables in it. */
  readonly database: DuckDbDatabase;
  readonly observer: Observer;
  /** Told by whoever changes the rows of a table. */
  readonly changes: TableChanges = new TableChanges();
  readonly #inspector: StatementInspector;
  readonly #planningMemoryLimit: string | undefined;
  readonly #scope: QueryScope;
  readonly #datasets: DatasetsCatalog;
  readonly #runner: StatementRunner;
  #closed: Promise<void> | undefined;

  private constructor(parts: EngineParts) {
    this.database = parts.database;
    this.observer = parts.observer;
    this.#inspector = parts.inspector;
    this.#planningMemoryLimit = parts.planningMemoryLimit;
    this.#scope = parts.scope;
    this.#datasets = parts.datasets;
    this.#runner = new StatementRunner(parts);
  }

  static async open(given: EngineSettings): Promise<QueryEngine> {
    const { redact = (text) => text, observer, planningMemoryLimit: memoryLimit, ...settings } = given;
    const [database, inspector] = await Promise.all([
      openDatabase({
        path: ':memory:',
        component: 'query engine',
        settings: SESSION_SETTINGS,
        joinFilters: 'by_statement',
        ...settings,
      }),
      createStatementInspector({ memoryLimit }),
    ]);
    const [scope, datasets] = await Promise.all([
      QueryScope.create(inspector, memoryLimit),
      DatasetsCatalog.create(database),
    ]);
    return new QueryEngine({
      database,
      inspector,
      scope,
      datasets,
      planningMemoryLimit: memoryLimit,
      redact,
      observer: observer ?? new Observer({ redact, queryText: 'off' }),
    });
  }

  /** Makes a table known to SQL, in the place of an earlier one, or of a view, of that name. */
  async addTable(table: EngineTable): Promise<void> {
    const isView = this.#scope.registry.isView(table.name);
    await this.#scope.addTable(table);
    if (isView) await this.#datasets.withdraw([table.name]);
  }

  /** Makes SQL forget a table or view; statements that run keep what they read. */
  async remove(name: TableName): Promise<void> {
    await this.#scope.remove(name);
    await this.#datasets.withdraw([name]);
  }

  /** The views that reach a table or view, each after what it uses itself. */
  readersOf(name: TableName): readonly InspectedView[] {
    return this.#scope.registry.readersOf(name);
  }

  /** Everything that names reach, through views down to tables. @throws MillraceError as {@link TableRegistry.resolve}. */
  reach(names: readonly TableName[]): Resolution {
    return this.#scope.registry.resolve(names);
  }

  /** Settles once no statement reads these tables any more, which are not registered now; at once where none is running. */
  async release(...tables: readonly EngineTable[]): Promise<void> {
    await new Promise<void>((resolve) => this.#datasets.retire(resolve));
    // One that was inspected before may have put them back.
    const held = tables.filter((table) => this.#datasets.holds(table));
    if (held.length > 0) await this.#datasets.withdraw(held.map(({ name }) => name));
  }

  /** Lets a name answer with an error until `addTable` brings its table. */
  addUnavailable(name: TableName, error: unknown): void {
    this.#scope.registry.addUnavailable(name, error);
  }

  /** Lets statements name what the finder finds: tables of catalogs, datasets that wait for their first use. */
  useFinder(finder: TableFinder): void {
    this.#scope.useFinder(finder);
  }

  /** What a catalog lists has changed; its tables that are gone are forgotten. */
  listingChanged(gone: readonly TableName[]): void {
    for (const name of gone) this.#scope.registry.removeTable(name);
    this.#scope.registry.listingChanged();
  }

  /** The catalogs of the finder are other ones now; these tables of former ones are forgotten. */
  catalogsChanged(gone: readonly TableName[]): void {
    for (const name of gone) this.#scope.registry.removeTable(name);
    this.#scope.catalogsChanged();
  }

  /** Whether there is a table or view of that name that can be asked. */
  knows(name: TableName): boolean {
    const { registry } = this.#scope;
    return registry.table(name) !== undefined || registry.isView(name);
  }

  /** Whether the name stands for this very table. */
  isRegistered(table: EngineTable): boolean {
    return this.#scope.registry.table(table.name) === table;
  }

  /**
   * Makes a view known to SQL, in the place of an earlier one, or of a table, of that name. What it uses is registered before.
   * @throws MillraceError `sql_refused`, `sql_syntax`, `sql_error`, `unknown_table`.
   */
  async addView(view: EngineView): Promise<void> {
    const isTable = this.#scope.registry.table(view.name) !== undefined;
    await this.#scope.addView(view);
    if (isTable) await this.#datasets.withdraw([view.name]);
  }

  /** Checks a view as {@link addView} would; comes back with the statement to run in its place. */
  async checkView(view: EngineView): Promise<string> {
    return (await this.#scope.checkView(view)).sql;
  }

  /** The tables and views that a statement names, as written. @throws MillraceError `sql_syntax`, `sql_refused`. */
  namesIn(sql: string): Promise<readonly TableName[]> {
    return this.#scope.namesIn(sql);
  }

  /** A scope of its own, in which statements see nothing but these tables. The caller disposes of it. */
  async createScope(tables: readonly EngineTable[], finder?: TableFinder): Promise<QueryScope> {
    const scope = await QueryScope.create(this.#inspector, this.#planningMemoryLimit);
    if (finder) scope.useFinder(finder);
    try {
      for (const table of tables) await scope.addTable(table);
      return scope;
    } catch (error) {
      await scope[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Closes the file system to SQL, these files and folders apart. Cannot be undone. */
  async restrictFileAccess(request: {
    readonly paths: readonly string[];
    readonly directories: readonly string[];
  }): Promise<void> {
    await this.database.restrictFileAccess(request);
    this.#runner.allowPaths(request.paths);
  }

  /** The schema of a query's result, without reading a row; see {@link QueryScope.describe}. */
  describe(sql: string, scope: QueryScope = this.#scope): Promise<Schema> {
    return scope.describe(sql);
  }

  /** All rows of one table through its provider's contract, without SQL. */
  scan(table: EngineTable, signal: AbortSignal): AsyncGenerator<RecordBatch, void, undefined> {
    return this.#runner.scan(table, signal);
  }

  /** Runs a statement; the stream owns everything that the query holds until it ends or is closed. */
  query(request: QueryRequest): Promise<QueryStream> {
    return this.#runner.query(request);
  }

  /** Checks a statement and finds what it reads, without running it. */
  inspect(request: QueryRequest): Promise<InspectedStatement> {
    return this.#runner.inspect(request);
  }

  /** Whether these tables and views are still the ones that are registered under their names. */
  isCurrent({ tables, views }: Resolution): boolean {
    const { registry } = this.#scope;
    return (
      tables.every((table) => registry.table(table.name) === table) && views.every((view) => registry.hasView(view))
    );
  }

  /** Says how a statement would be answered, without reading rows. */
  explain(request: QueryRequest): Promise<QueryExplanation> {
    return this.#runner.explain(request);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Ends every query with `cancelled`, whatever it is about; the instance stays open. No query starts from now on. */
  stop(): Promise<void> {
    return this.#runner.stop();
  }

  /** Ends every query with `cancelled`, then closes the instance. Idempotent. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    await this.stop();
    await Promise.all([this.#datasets.close(), this.#runner.close()]);
    await this.database.close();
    await Promise.all([this.#scope, this.#inspector].map((part) => part[Symbol.asyncDispose]()));
  }
}
