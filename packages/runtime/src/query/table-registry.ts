import { MillraceError, nearestName } from '@millrace/core';
import type { TableName } from '@millrace/duckdb';
import { type EngineTable, formatTableName, type InspectedView, tableKey } from './engine-table.ts';

/** Everything that a set of names reaches: tables, and views in an order in which each follows what it uses. */
export interface Resolution {
  readonly tables: readonly EngineTable[];
  readonly views: readonly InspectedView[];
}

/** A view and the names that its SQL reaches directly. */
interface RegisteredView {
  readonly view: InspectedView;
  readonly uses: readonly TableName[];
}

/** The tables and views that SQL may name. `generation` rises with every change, so that caches know when they are stale. */
export class TableRegistry {
  readonly #tables = new Map<string, EngineTable>();
  readonly #views = new Map<string, RegisteredView>();
  readonly #unavailable = new Map<string, unknown>();
  #generation = 0;

  get generation(): number {
    return this.#generation;
  }

  get tables(): readonly EngineTable[] {
    return [...this.#tables.values()];
  }

  get views(): readonly InspectedView[] {
    return [...this.#views.values()].map(({ view }) => view);
  }

  /** Registers a table in the place of whatever has its name. */
  addTable(table: EngineTable): void {
    this.#tables.set(tableKey(table.name), table);
    this.#views.delete(tableKey(table.name));
    this.#unavailable.delete(tableKey(table.name));
    this.#generation += 1;
  }

  /** The table of that name, whatever else is known of it. */
  table(name: TableName): EngineTable | undefined {
    return this.#tables.get(tableKey(name));
  }

  /** Whether the name is that of a view. */
  isView(name: TableName): boolean {
    return this.#views.has(tableKey(name));
  }

  /** Whether this very view is registered under its name. */
  hasView(view: InspectedView): boolean {
    return this.#views.get(tableKey(view.name))?.view === view;
  }

  /** Forgets a table; a name that is not known is ignored. */
  removeTable(name: TableName): void {
    if (this.#tables.delete(tableKey(name))) this.#generation += 1;
  }

  /** Forgets whatever has the name, tables, views and errors. */
  remove(name: TableName): void {
    const key = tableKey(name);
    this.#tables.delete(key);
    this.#views.delete(key);
    this.#unavailable.delete(key);
    this.#generation += 1;
  }

  /** The views that reach a table or view, each after what it uses itself. */
  readersOf(name: TableName): readonly InspectedView[] {
    const reached = new Set([tableKey(name)]);
    const readers: InspectedView[] = [];
    // Each view stands behind what it uses.
    for (const [key, { view, uses }] of this.#views) {
      if (!uses.some((used) => reached.has(tableKey(used)))) continue;
      reached.add(key);
      readers.push(view);
    }
    return readers;
  }

  /** Something else that is listed has changed. */
  listingChanged(): void {
    this.#generation += 1;
  }

  /** The names that are reached through views, views themselves left out; nothing is checked. */
  reach(names: readonly TableName[]): readonly TableName[] {
    const reached = new Map<string, TableName>();
    const seen = new Set<string>();
    const pending = [...names];
    for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
      const key = tableKey(name);
      const view = this.#views.get(key);
      if (seen.has(key)) continue;
      seen.add(key);
      if (view) pending.push(...view.uses);
      else reached.set(key, name);
    }
    return [...reached.values()];
  }

  /** Registers a name that cannot be served: whoever uses it gets this error, until it is added. */
  addUnavailable(name: TableName, error: unknown): void {
    this.#unavailable.set(tableKey(name), error);
  }

  /**
   * Makes sure that a view's names are known and mean one thing: the engine looks into a view's own schema first, wherever a
   * query looks into `main`.
   * @throws MillraceError `invalid_config` for a name that could mean two things, and as {@link resolve}.
   */
  checkView(name: TableName, uses: readonly TableName[]): void {
    this.resolve(uses);
    for (const used of uses) if (this.#isKnown(shadowOf(name, used))) throw ambiguous(name, used);
    for (const { view, uses: earlier } of this.#views.values()) {
      const shadowed = earlier.find((used) => isSameName(shadowOf(view.name, used), name));
      if (shadowed) throw ambiguous(view.name, shadowed);
    }
  }

  /** Registers a view in the place of whatever has its name. */
  addView(view: InspectedView, uses: readonly TableName[]): void {
    const key = tableKey(view.name);
    const mayHaveReaders = this.#views.has(key) || this.#tables.has(key);
    this.#views.set(key, { view, uses });
    this.#tables.delete(key);
    this.#unavailable.delete(key);
    if (mayHaveReaders) this.#sortViews();
    this.#generation += 1;
  }

  /**
   * Follows names through views down to tables.
   * @throws MillraceError `unknown_table` with the nearest name; `invalid_config` when views refer to each other in a circle; the
   * error of a dataset that is unavailable.
   */
  resolve(names: readonly TableName[]): Resolution {
    const tables = new Map<string, EngineTable>();
    const views = new Map<string, InspectedView>();
    const visit = (name: TableName, path: readonly string[]): void => {
      const key = tableKey(name);
      if (tables.has(key) || views.has(key)) return;
      const table = this.#tables.get(key);
      if (table) {
        tables.set(key, table);
        return;
      }
      if (this.#unavailable.has(key)) throw this.#unavailable.get(key);
      const registered = this.#views.get(key);
      if (!registered) throw this.#unknown(name, path.at(-1));
      const here = formatTableName(name);
      if (path.includes(here)) {
        throw new MillraceError({
          code: 'invalid_config',
          component: `view ${here}`,
          message: `the view refers to itself: ${[...path, here].join(' → ')}`,
          hint: 'Break the circle.',
        });
      }
      for (const used of registered.uses) visit(used, [...path, here]);
      views.set(key, registered.view);
    };
    for (const name of names) visit(name, []);
    return { tables: [...tables.values()], views: [...views.values()] };
  }

  /** Puts each view behind what it uses. */
  #sortViews(): void {
    const sorted = new Map<string, RegisteredView>();
    const visit = (key: string, path: ReadonlySet<string>): void => {
      const registered = this.#views.get(key);
      if (!registered || sorted.has(key) || path.has(key)) return;
      for (const used of registered.uses) visit(tableKey(used), new Set([...path, key]));
      sorted.set(key, registered);
    };
    for (const key of this.#views.keys()) visit(key, new Set());
    this.#views.clear();
    for (const [key, registered] of sorted) this.#views.set(key, registered);
  }

  #isKnown(name: TableName | undefined): boolean {
    if (!name) return false;
    const key = tableKey(name);
    return this.#tables.has(key) || this.#views.has(key) || this.#unavailable.has(key);
  }

  #unknown(name: TableName, view: string | undefined): MillraceError {
    const known = [...this.tables, ...this.views].map(labelOf);
    const nearest = nearestName(formatTableName(name), known);
    const list =
      known.length === 0
        ? 'There are no datasets.'
        : `Known: ${known.slice(0, 20).join(', ')}${known.length > 20 ? ', …' : ''}.`;
    return new MillraceError({
      code: 'unknown_table',
      component: view === undefined ? 'query' : `view ${view}`,
      message: `there is no dataset or view ${formatTableName(name)}`,
      hint: nearest === undefined ? list : `Did you mean ${nearest}? ${list}`,
    });
  }
}

function labelOf({ name, label }: { readonly name: TableName; readonly label?: string }): string {
  return label ?? formatTableName(name);
}

/** What an unqualified name in a view would mean if the view's own schema had a table of that name; undefined in `main`. */
function shadowOf({ schemaName }: TableName, used: TableName): TableName | undefined {
  if (used.schemaName !== undefined || schemaName === undefined || schemaName === 'main') return undefined;
  return { schemaName, table: used.table };
}

function isSameName(left: TableName | undefined, right: TableName): boolean {
  return left !== undefined && tableKey(left) === tableKey(right);
}

function ambiguous(view: TableName, used: TableName): MillraceError {
  const table = formatTableName(used);
  return new MillraceError({
    code: 'invalid_config',
    component: `view ${formatTableName(view)}`,
    message: `${table} could mean main.${table} or ${formatTableName({ ...view, table: used.table })}`,
    hint: 'Write the schema in front of it.',
  });
}
