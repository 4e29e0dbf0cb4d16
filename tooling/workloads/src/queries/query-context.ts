import type { Random } from '../random/random.ts';
import type { JoinPath } from './join-paths.ts';
import type { QueryValues } from './query-values.ts';
import { type QueryColumn, type Relation, tableRelation } from './relation.ts';
import type { TableData } from './table-data.ts';

/** What all parts of one query share while it is written. */
export interface QueryContext {
  readonly random: Random;
  readonly values: QueryValues;
  readonly tables: readonly TableData[];
  readonly joinPaths: readonly JoinPath[];
  /** An alias that no other relation of the query has. */
  alias(): string;
  /** Notes that the query has a feature. */
  tag(name: string): void;
}

/** One way to write a whole query. */
export type QueryShape = (context: QueryContext) => string;

/** Any table with any row of it as witness. */
export function randomRelation({ random, tables, alias }: QueryContext): Relation {
  const table = random.pick(tables);
  return tableRelation(table, alias(), random.integer(0, table.rowCount - 1));
}

/** Some of the items in a random order, at least `min` where there are so many. */
export function someOf<Item>(
  { random }: QueryContext,
  items: readonly Item[],
  { min, max }: { readonly min: number; readonly max: number },
): readonly Item[] {
  const rest = [...items];
  const count = Math.min(items.length, random.integer(min, max));
  return Array.from({ length: count }, () => rest.splice(random.integer(0, rest.length - 1), 1)[0] as Item);
}

/** A few columns, in their order. */
export function someColumns(context: QueryContext, columns: readonly QueryColumn[]): readonly QueryColumn[] {
  const chosen = new Set(someOf(context, columns, { min: 1, max: 5 }));
  return columns.filter((column) => chosen.has(column));
}
