import type { NativeRelation, RecordBatch, Schema, TableProvider } from '@millrace/core';
import {
  createStatementInspector,
  type DuckDbDatabase,
  openDatabase,
  type QueryParameters,
  type QueryStream,
  type StatementInspector,
  type StreamRequest,
  type TableName,
} from '@millrace/duckdb';
import type { Context } from '@opentelemetry/api';
import { Observer } from '../observability/observer.ts';
import { type QueryWatch, runStage } from '../observability/query-watch.ts';
import { DatasetsCatalog } from './datasets-catalog.ts';
import type { EngineSettings } from './engine-settings.ts';
import type { EngineTable, EngineView, InspectedView } from './engine-table.ts';
import { formatTableName } from './engine-table.ts';
import { explainQuery, explanationAsQuery, type QueryExplanation } from './explain-query.ts';
import { joinFiltersOf } from './join-filters-of.ts';
import { type PreparedTable, prepareTables } from './prepare-tables.ts';
import { type InspectedStatement, QueryScope } from './query-scope.ts';
import { noBatches, readPlan } from './read-plan.ts';
import { runInPlace, runInScratch } from './run-statement.ts';
import { RunningWork } from './running-work.ts';
import { ScratchPool } from './scratch-pool.ts';
import { SESSION_SETTINGS } from './session-settings.ts';
import { type PreparedScan, prepareScan } from './stage-table.ts';
import { startOver } from './start-over.ts';
import { TableChanges } from './table-changes.ts';
import type { TableFinder } from './table-finder.ts';
import type { Resolution } from './table-registry.ts';
import { untilAborted } from './until-aborted.ts';

/** How a query may use its sources. Both are `on` unless told otherwise; results are the same whatever they are. */
export interface ExecutionOptions {
  /** `off` reads every table whole through its provider: the oracle of every pushdown. Implies `native: 'off'`. */
  readonly pushdown?: 'on' | 'off';
  /** `off` reads every table through its provider's record batches, never in place. */
  readonly native?: 'on' | 'off';
}

/** One statement to run. */
export interface QueryRequest extends ExecutionOptions {
  readonly sql: string;
  readonly parameters?: QueryParameters;
  readonly signal?: AbortSignal;
  /** Rows that a batch of the result should hold; a hint. */
  readonly batchRowCount?: number;
  /** What the statement may name, instead of everything registered; see {@link QueryEngine.createScope}. */
  readonly scope?: QueryScope;
  /** Is told how the query goes; for those of the host. */
  readonly watch?: QueryWatch;
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
  readonly #scope: QueryScope;
  readonly #datasets: DatasetsCatalog;
  readonly #scratches: ScratchPool;
  readonly #redact: (text: string) => string;
  readonly #work: RunningWork = new RunningWork();
  #readablePaths: ReadonlySet<string> = new Set();
  #closed: Promise<void> | undefined;

  private constructor(parts: {
    readonly database: DuckDbDatabase;
    readonly inspector: StatementInspector;
    readonly scope: QueryScope;
    readonly datasets: DatasetsCatalog;
    readonly redact: (text: string) => string;
    readonly observer: Observer;
  }) {
    this.database = parts.database;
    this.observer = parts.observer;
    this.#inspector = parts.inspector;
    this.#scope = parts.scope;
    this.#datasets = parts.datasets;
    this.#scratches = new ScratchPool(parts.database);
    this.#redact = parts.redact;
  }

  static async open({ redact = (text) => text, observer, ...settings }: EngineSettings): Promise<QueryEngine> {
    const [database, inspector] = await Promise.all([
      openDatabase({
        path: ':memory:',
        component: 'query engine',
        settings: SESSION_SETTINGS,
        joinFilters: 'by_statement',
        ...settings,
      }),
      createStatementInspector(),
    ]);
    const [scope, datasets] = await Promise.all([QueryScope.create(inspector), DatasetsCatalog.create(database)]);
    return new QueryEngine({
      database,
      inspector,
      scope,
      datasets,
      redact,
      observer: observer ?? new Observer({ redact, queryText: 'off' }),
    });
  }

  /** Makes a table known to SQL, in the place of an earlier one of that name. */
  addTable(table: EngineTable): Promise<void> {
    return this.#scope.addTable(table);
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

  /** Settles once no statement reads a table any more that is not registered now; at once where none is running. */
  async release(table: EngineTable): Promise<void> {
    await new Promise<void>((resolve) => this.#datasets.retire(resolve));
    // One that was inspected before may have put it back.
    if (this.#datasets.holds(table)) await this.#datasets.withdraw([table.name]);
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

  /**
   * Makes a view known to SQL. What it uses is registered before.
   * @throws MillraceError `sql_refused`, `sql_syntax`, `sql_error`, `unknown_table`.
   */
  addView(view: EngineView): Promise<void> {
    return this.#scope.addView(view);
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
  async createScope(tables: readonly EngineTable[]): Promise<QueryScope> {
    const scope = await QueryScope.create(this.#inspector);
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
    this.#readablePaths = new Set(request.paths);
  }

  /** The schema of a query's result, without reading a row; see {@link QueryScope.describe}. */
  describe(sql: string, scope: QueryScope = this.#scope): Promise<Schema> {
    return scope.describe(sql);
  }

  /** All rows of one table through its provider's contract, without SQL. */
  async *scan(table: EngineTable, signal: AbortSignal): AsyncGenerator<RecordBatch, void, undefined> {
    const scan = await prepareScan({ table, provider: await table.provider(), planned: undefined }, signal);
    yield* this.#read(scan, signal);
  }

  /** Runs a statement; the stream owns everything that the query holds until it ends or is closed. */
  query(request: QueryRequest): Promise<QueryStream> {
    return this.#work.attend(request.signal, async (signal) => {
      // What the statement's names stand for is held for it from here on.
      const leave = this.#datasets.enter();
      let hasEnded = false;
      let stream: QueryStream | undefined;
      try {
        const inspected = await untilAborted(this.#scopeOf(request).inspect(request.sql), signal);
        const statement: StreamRequest = {
          sql: inspected.sql,
          ...(request.parameters === undefined ? {} : { parameters: request.parameters }),
          ...(request.batchRowCount === undefined ? {} : { batchRowCount: request.batchRowCount }),
          signal,
          onClose: () => {
            leave();
            hasEnded = true;
            if (stream) this.#work.delete(stream);
          },
        };
        request.watch?.reads(inspected.tables.map(({ label, name }) => label ?? formatTableName(name)));
        const { sql } = request;
        const start = (current: InspectedStatement) =>
          this.#start({ ...statement, sql: current.sql }, request, current, signal);
        stream = await startOver({ sql, scope: this.#scopeOf(request), signal, start }, inspected);
        if (!hasEnded) this.#work.add(stream);
        return stream;
      } catch (error) {
        leave();
        throw error;
      }
    });
  }

  /** Checks a statement and finds what it reads, without running it. */
  inspect(request: QueryRequest): Promise<InspectedStatement> {
    return this.#work.attend(request.signal, (signal) =>
      untilAborted(this.#scopeOf(request).inspect(request.sql), signal),
    );
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
    return this.#work.attend(request.signal, async (signal) => {
      const leave = this.#datasets.enter();
      try {
        const inspected = await untilAborted(this.#scopeOf(request).inspect(request.sql), signal);
        const tables = inspected.asks === 'catalog' ? [] : await this.#prepare(request, inspected, signal);
        return explainQuery(inspected.sql, tables, this.#redact);
      } finally {
        leave();
      }
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Ends every query with `cancelled`, whatever it is about; the instance stays open. No query starts from now on. */
  stop(): Promise<void> {
    return this.#work.stop();
  }

  /** Ends every query with `cancelled`, then closes the instance. Idempotent. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    await this.stop();
    await Promise.all([this.#datasets.close(), this.#scratches.close()]);
    await this.database.close();
    await Promise.all([this.#scope, this.#inspector].map((part) => part[Symbol.asyncDispose]()));
  }

  #read(
    { table, plan }: PreparedScan,
    signal: AbortSignal,
    parent?: Context,
  ): AsyncGenerator<RecordBatch, void, undefined> {
    if (!plan) return noBatches();
    return this.observer.scan({ origin: table.origin, plan, batches: readPlan(plan, signal), parent });
  }

  #scopeOf({ scope }: QueryRequest): QueryScope {
    return scope ?? this.#scope;
  }

  #prepare(
    request: QueryRequest,
    { sql, tables }: InspectedStatement,
    signal: AbortSignal,
  ): Promise<readonly PreparedTable[]> {
    const prepared = prepareTables({
      tables,
      options: request,
      usableRelation: (provider) => this.#usableRelation(provider, signal),
      plan: async () => {
        const scope = this.#scopeOf(request);
        const planned = await scope.plan(sql, request.parameters);
        // A dataset that was redefined meanwhile is read as the statement found it, and planned as it is now.
        return scope.plansOver(tables)
          ? planned
          : { kind: 'unreadable', reason: 'a dataset was redefined while it was planned' };
      },
      signal,
    });
    // A dataset's first load, or a source that is slow to plan, must not keep an aborted query.
    return untilAborted(prepared, signal);
  }

  /** The relation by which the engine can read a table as it is; undefined when its rows have to be scanned. */
  async #usableRelation(provider: TableProvider, signal: AbortSignal): Promise<NativeRelation | undefined> {
    const relation = await provider.nativeRelation?.({ signal });
    switch (relation?.kind) {
      case 'engine_table':
        return relation.engine === this.database ? relation : undefined;
      case 'sql':
        if (relation.purpose === 'load') return undefined;
        // A dataset that was connected after the file system was closed is read through its provider.
        return relation.paths.every((path) => this.#readablePaths.has(path)) ? relation : undefined;
      default:
        return relation;
    }
  }

  async #start(
    statement: StreamRequest,
    request: QueryRequest,
    inspected: InspectedStatement,
    signal: AbortSignal,
  ): Promise<QueryStream> {
    if (inspected.asks === 'catalog') return this.#scopeOf(request).answer(statement);
    const { watch } = request;
    const tables = await runStage(watch, 'plan', () => this.#prepare(request, inspected, signal));
    if (inspected.asks === 'explain') {
      const sql = explanationAsQuery(explainQuery(inspected.sql, tables, this.#redact));
      return this.#scopeOf(request).answer({ sql, signal, onClose: statement.onClose });
    }
    const prepared = {
      request: { ...statement, joinFilters: joinFiltersOf(inspected, tables) },
      tables,
      views: inspected.views,
      watch,
      read: (scan: PreparedScan, stop: AbortSignal, parent: Context | undefined) => this.#read(scan, stop, parent),
      cleanUp: (work: Promise<void>) => this.#work.await(work),
    };
    const isInPlace = request.scope === undefined && tables.every(({ access }) => access === 'direct');
    const inPlace = isInPlace ? await runInPlace(prepared, this.#datasets) : 'redefined';
    return inPlace === 'redefined' ? runInScratch(prepared, this.#scratches, signal) : inPlace;
  }
}
