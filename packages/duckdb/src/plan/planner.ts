import { MillraceError, type Schema } from '@millrace/core';
import { quoteIdentifier, quoteTableName } from '../statement/quote-identifier.ts';
import { toDuckDbType } from '../type-mapping/to-duckdb-type.ts';
import { EmptyDatabase, FILTER_OPTIMIZERS } from './empty-database.ts';
import { planError, viewError } from './plan-error.ts';
import { asNode, asNodes, type PlanNode, parsePlanJson } from './plan-json.ts';
import { planScans } from './plan-scans.ts';
import type { PlannedQuery, Planner, TableName } from './planned-query.ts';
import { readStatement, type StatementReach } from './statement-reach.ts';
import { findReferences, type KnownTable, type TableReference } from './table-reference.ts';

/** How a planner is made. */
export interface PlannerOptions {
  /**
   * The executing engine's settings that decide what a query means (`TimeZone`, `default_collation`, `default_null_order`,
   * `integer_division` …). They must be the same here, since constants are folded while planning. Default: none.
   */
  readonly settings?: Readonly<Record<string, string>>;
  /** Of each of the two instances that plan, for example `64MiB`; default that of DuckDB, 80 % of the machine's memory. */
  readonly memoryLimit?: string | undefined;
}

/** Opens a planner in about 30 ms; the caller closes it. */
export async function createPlanner(options: PlannerOptions = {}): Promise<Planner> {
  const planner = new EmptyPlanner(options);
  await planner.open();
  return planner;
}

type Definition =
  | { readonly kind: 'table'; readonly sql: string; readonly name: TableName; readonly known: KnownTable }
  | { readonly kind: 'view'; readonly sql: string; readonly name: TableName; readonly reach: StatementReach };

/** With `unused_columns`, a plan's scans read only what the query needs; filters come from a plan without it. */
const COLUMN_OPTIMIZERS: readonly string[] = [...FILTER_OPTIMIZERS, 'unused_columns'];

/** The one that DuckDB needs in addition before it can serialize some plans that lost their unused columns. */
const SECOND_ATTEMPT: readonly string[] = [...COLUMN_OPTIMIZERS, 'build_side_probe_side'];

class EmptyPlanner implements Planner {
  readonly #settings: Readonly<Record<string, string>>;
  readonly #memoryLimit: string | undefined;
  readonly #definitions = new Map<string, Definition>();
  #filters: EmptyDatabase | undefined;
  #columns: EmptyDatabase | undefined;
  #queue: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor({ settings = {}, memoryLimit }: PlannerOptions) {
    this.#settings = settings;
    this.#memoryLimit = memoryLimit;
  }

  /** Opens the databases that are not open, with all definitions. */
  async open(): Promise<{ readonly filters: EmptyDatabase; readonly columns: EmptyDatabase }> {
    const definitions = [...this.#definitions.values()].flatMap(({ name, sql }) => [createSchema(name), sql]);
    const parts = { settings: this.#settings, memoryLimit: this.#memoryLimit, definitions };
    this.#filters ??= await EmptyDatabase.open({ ...parts, optimizers: FILTER_OPTIMIZERS });
    this.#columns ??= await EmptyDatabase.open({ ...parts, optimizers: COLUMN_OPTIMIZERS });
    return { filters: this.#filters, columns: this.#columns };
  }

  defineTable(name: TableName, schema: Schema): Promise<void> {
    return this.#inOrder(async () => {
      const columns = schema.fields.map((field) => `${quoteIdentifier(field.name)} ${toDuckDbType(field)}`);
      const sql = `CREATE TABLE ${quoteTableName(name)} (${columns.join(', ')})`;
      await this.#define({
        kind: 'table',
        sql,
        name,
        known: { schemaName: schemaOf(name), table: name.table, schema },
      });
    });
  }

  defineView(name: TableName, sql: string): Promise<void> {
    return this.#inOrder(async () => {
      const { filters } = await this.open();
      const { plan, statement } = await filters.serializePlanAndStatement(sql);
      const error = planError(asNode(tryParse(plan)) ?? {});
      if (error !== undefined) throw error;
      const reach = readStatement(tryParse(statement));
      if (reach === undefined) throw viewError(name.table, undefined);
      const create = `CREATE VIEW ${quoteTableName(name)} AS ${sql}`;
      await this.#define({ kind: 'view', sql: create, name, reach });
    });
  }

  drop(name: TableName): Promise<void> {
    return this.#inOrder(async () => {
      const definition = this.#definitions.get(keyOf(name));
      if (definition === undefined) return;
      this.#definitions.delete(keyOf(name));
      await this.#run([dropStatement(definition)]);
    });
  }

  plan(sql: string): Promise<PlannedQuery> {
    return this.#inOrder(() => this.#plan(sql));
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    await this.#inOrder(async () => {
      this.#closed = true;
      this.#drop();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Runs one call after the other, whatever became of the earlier ones. */
  #inOrder<T>(call: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(() => {
      if (this.#closed) throw new TypeError('The planner is closed.');
      return call();
    });
    this.#queue = result.catch(() => undefined);
    return result;
  }

  /** Replaces a definition; views are made again behind it, as DuckDB binds a view to the columns that it was made over. */
  async #define(definition: Definition): Promise<void> {
    const key = keyOf(definition.name);
    const previous = this.#definitions.get(key);
    const statements = [createSchema(definition.name), definition.sql];
    if (previous !== undefined) statements.splice(1, 0, dropStatement(previous));
    try {
      await this.#run(statements);
    } catch (cause) {
      this.#drop();
      throw definitionError(definition, cause);
    }
    this.#definitions.set(key, definition);
    if (previous !== undefined) await this.#remakeViews(key);
  }

  async #remakeViews(except: string): Promise<void> {
    for (const [key, definition] of this.#definitions) {
      if (definition.kind !== 'view' || key === except) continue;
      try {
        await this.#run([dropStatement(definition), definition.sql]);
      } catch {
        // The view no longer binds: a query over it says so by itself.
      }
    }
  }

  async #run(statements: readonly string[]): Promise<void> {
    const { filters, columns } = await this.open();
    for (const statement of statements) {
      await filters.run(statement);
      await columns.run(statement);
    }
  }

  #drop(): void {
    this.#filters?.close();
    this.#columns?.close();
    this.#filters = undefined;
    this.#columns = undefined;
  }

  async #plan(sql: string): Promise<PlannedQuery> {
    const { filters, columns } = await this.open();
    let texts: { readonly plan: string; readonly statement: string };
    let narrow: string;
    try {
      [texts, narrow] = await Promise.all([
        filters.serializePlanAndStatement(sql),
        columns.serializePlan(sql).catch(() => ''),
      ]);
    } catch {
      // An internal error may leave the instance unusable: the next call opens a new one.
      this.#drop();
      return { kind: 'unreadable', reason: 'the engine failed to plan the query for reading' };
    }
    const answer = asNode(tryParse(texts.plan));
    if (answer === undefined) return { kind: 'unreadable', reason: 'the plan is not valid JSON' };
    const error = answer.error === true ? planError(answer) : undefined;
    if (error !== undefined) throw error;
    const found = this.#references(texts.plan, answer);
    const reach = readStatement(tryParse(texts.statement));
    if (found === undefined || reach === undefined) {
      return { kind: 'unreadable', reason: 'the engine cannot write this plan down' };
    }
    const narrowed =
      this.#references(narrow, asNode(tryParse(narrow))) ?? (await this.#secondAttempt(sql, columns)) ?? found;
    return { kind: 'planned', scans: planScans({ found, narrowed, ...this.#reach(reach) }) };
  }

  async #secondAttempt(sql: string, columns: EmptyDatabase): Promise<readonly TableReference[] | undefined> {
    try {
      await columns.keepOptimizers(SECOND_ATTEMPT);
      const text = await columns.serializePlan(sql);
      await columns.keepOptimizers(COLUMN_OPTIMIZERS);
      return this.#references(text, asNode(tryParse(text)));
    } catch {
      this.#drop();
      return undefined;
    }
  }

  /** The references of a plan, or undefined when it cannot be read as a whole. */
  #references(text: string, answer: PlanNode | undefined): readonly TableReference[] | undefined {
    const plans = asNodes(answer?.plans);
    const [root] = plans;
    if (root === undefined || plans.length !== 1) return undefined;
    const { references, scanCount } = findReferences(root, (schemaName, table) => {
      const definition = this.#definitions.get(keyOf({ schemaName, table }));
      return definition?.kind === 'table' ? definition.known : undefined;
    });
    // Inside a text constant the quotes are escaped, so only nodes match.
    const written = text.match(/"type":"LOGICAL_GET"/g)?.length ?? 0;
    return scanCount === written ? references : undefined;
  }

  /** The tables that a statement names, through views too. */
  #reach(statement: StatementReach): { readonly tables: readonly KnownTable[]; readonly readsSession: boolean } {
    const tables = new Map<string, KnownTable>();
    const seen = new Set<string>();
    let { readsSession } = statement;
    const queue = [...statement.tables];
    for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
      const key = keyOf(name);
      const definition = this.#definitions.get(key);
      if (definition === undefined || seen.has(key)) continue;
      seen.add(key);
      if (definition.kind === 'table') {
        tables.set(key, definition.known);
        continue;
      }
      readsSession ||= definition.reach.readsSession;
      queue.push(...definition.reach.tables);
    }
    return { tables: [...tables.values()], readsSession };
  }
}

function tryParse(text: string): unknown {
  try {
    return parsePlanJson(text);
  } catch {
    return undefined;
  }
}

function definitionError(definition: Definition, cause: unknown): MillraceError {
  if (definition.kind === 'view') return viewError(definition.name.table, cause);
  return new MillraceError({
    code: 'invalid_data',
    component: `dataset ${definition.name.table}`,
    message: 'its columns cannot be those of a table',
    hint: 'There has to be at least one column, and names must differ by more than case',
    cause,
  });
}

function schemaOf(name: TableName): string {
  return name.schemaName ?? 'main';
}

/** The engine compares names without regard to the case of ASCII letters. */
function keyOf(name: TableName): string {
  return JSON.stringify([schemaOf(name), name.table]).replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

function createSchema(name: TableName): string {
  return `CREATE SCHEMA IF NOT EXISTS ${quoteIdentifier(schemaOf(name))}`;
}

function dropStatement(definition: Definition): string {
  return `DROP ${definition.kind === 'table' ? 'TABLE' : 'VIEW'} IF EXISTS ${quoteTableName(definition.name)}`;
}
