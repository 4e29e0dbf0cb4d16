import type { Schema } from '@millrace/core';
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
import { type Resolution, TableRegistry } from './table-registry.ts';

/** A statement that passed inspection, and what its names stand for. */
export interface InspectedStatement extends Resolution {
  readonly info: StatementInfo;
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
    return new QueryScope(inspector, await createPlanner());
  }

  async addTable(table: EngineTable): Promise<void> {
    await this.#planner.defineTable(table.name, table.schema);
    this.registry.addTable(table);
  }

  async addView(view: EngineView): Promise<void> {
    const info = await this.#inspector.inspect(view.sql);
    this.registry.resolve(info.tables);
    await this.#planner.defineView(view.name, view.sql);
    this.registry.addView(view, info.tables);
  }

  /** Checks a statement before any part of it is bound, and resolves its names. */
  async inspect(sql: string): Promise<InspectedStatement> {
    const info = await this.#inspector.inspect(sql);
    return { info, ...this.registry.resolve(info.tables) };
  }

  /** What each table has to deliver. Parameters take part as typed literals: as placeholders they would lose digits. */
  plan(request: { readonly sql: string; readonly parameters?: QueryParameters }): Promise<PlannedQuery> {
    const { sql, parameters } = request;
    return this.#planner.plan(parameters === undefined ? sql : substituteParameters(sql, parameters));
  }

  /** The schema of a statement's result, without reading a row. */
  async describe(sql: string): Promise<Schema> {
    await this.inspect(sql);
    return this.#catalog.describe(sql);
  }

  /** Runs an inspected statement that asks about tables and not of them. */
  answer(request: StreamRequest): Promise<QueryStream> {
    return this.#catalog.query(request);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#planner[Symbol.asyncDispose](), this.#catalog[Symbol.asyncDispose]()]);
  }
}
