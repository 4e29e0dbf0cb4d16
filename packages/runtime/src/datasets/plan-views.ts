import { MillraceError } from '@millrace/core';
import type { TableName } from '@millrace/duckdb';
import type { ViewConfig } from '../config/index.ts';
import { parseTableName } from '../config/table-name.ts';
import { formatTableName, tableKey } from '../query/engine-table.ts';

/** A view and what it is made over. */
export interface PlannedView {
  readonly view: ViewConfig;
  /** What its statement names, and what it depends on besides, views included. */
  readonly uses: readonly TableName[];
  /**
   * The tables that its statement reads, and what it depends on besides: through views that are not accelerated, which are left out. Whether
   * they exist is not known here.
   */
  readonly reads: readonly TableName[];
  /** Its SQL, and that of each view that it reads through: what decides its rows. */
  readonly definition: readonly string[];
}

/** The names in an SQL, as written; a statement that cannot be read has none here, and is refused where it is made. */
export type NamesIn = (sql: string) => Promise<readonly TableName[]>;

/**
 * Puts views into an order in which each follows what it uses, whatever the order of the configuration is.
 * @throws MillraceError `invalid_config` when views use each other in a circle.
 */
export async function planViews(views: readonly ViewConfig[], namesIn: NamesIn): Promise<readonly PlannedView[]> {
  const uses = new Map<ViewConfig, readonly TableName[]>();
  for (const view of views) uses.set(view, [...(await namesIn(view.sql)), ...(view.dependsOn ?? []).map(toTableName)]);
  const byKey = new Map(views.map((view) => [tableKey(view.name), view]));
  const planned = new Map<ViewConfig, PlannedView>();
  const visit = (view: ViewConfig, path: readonly ViewConfig[]): PlannedView => {
    const known = planned.get(view);
    if (known) return known;
    if (path.includes(view)) throw circleError([...path.slice(path.indexOf(view)), view]);
    const reads = new Map<string, TableName>();
    const definition = [view.sql];
    for (const name of uses.get(view) ?? []) {
      const used = byKey.get(tableKey(name));
      const below = used && visit(used, [...path, view]);
      if (!below || isAccelerated(below.view)) {
        reads.set(tableKey(name), name);
        continue;
      }
      for (const read of below.reads) reads.set(tableKey(read), read);
      definition.push(...below.definition);
    }
    const plan = { view, uses: [...(uses.get(view) ?? [])], reads: [...reads.values()], definition };
    planned.set(view, plan);
    return plan;
  };
  for (const view of views) visit(view, []);
  return [...planned.values()];
}

/** Whether the view has a copy of its rows. */
export function isAccelerated({ acceleration }: ViewConfig): boolean {
  return acceleration?.enabled === true;
}

function toTableName(text: string): TableName {
  const parsed = parseTableName(text);
  if (parsed.kind !== 'name') return { table: text };
  const { schemaName, table } = parsed.name;
  return schemaName === undefined ? { table } : { schemaName, table };
}

function circleError(path: readonly ViewConfig[]): MillraceError {
  const [first] = path;
  const location = first?.location('sql');
  return new MillraceError({
    code: 'invalid_config',
    component: `view ${first?.name.text ?? ''}`,
    message: `the view refers to itself: ${path.map(({ name }) => formatTableName(name)).join(' → ')}`,
    hint: 'Break the circle.',
    ...(location ? { location } : {}),
  });
}
