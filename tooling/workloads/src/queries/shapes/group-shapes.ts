import { joinClause } from '../join-clause.ts';
import { predicate } from '../predicate.ts';
import { type QueryContext, randomRelation, someOf } from '../query-context.ts';
import { keyColumns, type QueryColumn } from '../relation.ts';
import { totalOrder, whereClause } from '../select-list.ts';

/** Groups with aggregates that do not depend on the order of the rows: counts, extremes, and sums of exact numbers. */
export function groupShape(context: QueryContext): string {
  context.tag('group_by');
  const { random } = context;
  const isJoin = random.chance(0.3);
  const relation = randomRelation(context);
  const joined = isJoin ? joinClause(context) : { relations: [relation], sql: relation.from, conditions: [] };
  const columns = joined.relations.flatMap(({ columns }) => columns);
  const keys = random.chance(0.15) ? [] : someOf(context, repeating(columns), { min: 1, max: 2 });
  const aggregates = Array.from({ length: random.integer(1, 3) }, () => aggregate(context, columns));
  const items = [...keys.map(({ ref }) => ref), ...aggregates].map((item, index) => `${item} AS c${index}`);
  const where = whereClause(context, columns, joined.conditions);
  return `SELECT ${items.join(', ')} FROM ${joined.sql}${where}${grouping(context, keys)}${having(context, columns)}`;
}

/** Windows over a total order, frames included; some keep only the first rows of each partition. */
export function windowShape(context: QueryContext): string {
  context.tag('window');
  const { random } = context;
  const relation = randomRelation(context);
  const { columns } = relation;
  const partition = random.chance(0.6) ? random.pick(repeating(columns)) : undefined;
  const order = totalOrder(context, someOf(context, columns, { min: 0, max: 1 }), keyColumns(relation));
  const window = `(${partition === undefined ? '' : `PARTITION BY ${partition.ref} `}ORDER BY ${order}`;
  const shown = someOf(context, columns, { min: 1, max: 3 }).map(({ ref }, index) => `${ref} AS c${index}`);
  // Rows that tie in the order are equal in all columns, and only these are shown beside what the window gives to them.
  const call = windowCall(context, columns);
  const qualify = random.chance(0.3) ? ` QUALIFY row_number() OVER ${window}) <= ${random.integer(1, 3)}` : '';
  if (qualify !== '') context.tag('qualify');
  return `SELECT ${shown.join(', ')}, ${call.sql} OVER ${window}${call.frame}) AS w FROM ${relation.from}${whereClause(context, columns)}${qualify}`;
}

function windowCall(
  { random }: QueryContext,
  columns: readonly QueryColumn[],
): { readonly sql: string; readonly frame: string } {
  const column = random.pick(columns);
  const exact = columns.filter(({ kind }) => kind === 'integer' || kind === 'decimal');
  const frames = [
    '',
    ' ROWS BETWEEN 2 PRECEDING AND CURRENT ROW',
    ' ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING',
  ];
  const choices = [
    { sql: 'row_number()', frame: '' },
    { sql: 'rank()', frame: '' },
    { sql: 'dense_rank()', frame: '' },
    { sql: `lag(${column.ref})`, frame: '' },
    { sql: `lead(${column.ref}, 2)`, frame: '' },
    { sql: `first_value(${column.ref})`, frame: '' },
    { sql: `count(${column.ref})`, frame: random.pick(frames) },
    { sql: `max(${column.ref})`, frame: random.pick(frames) },
  ];
  return random.pick(
    exact.length === 0 ? choices : [...choices, { sql: `sum(${random.pick(exact).ref})`, frame: random.pick(frames) }],
  );
}

function aggregate(context: QueryContext, columns: readonly QueryColumn[]): string {
  const { random } = context;
  const column = random.pick(columns);
  const isExact = column.kind === 'integer' || column.kind === 'decimal';
  const calls = [
    'count(*)',
    `count(${column.ref})`,
    `count(DISTINCT ${column.ref})`,
    `min(${column.ref})`,
    `max(${column.ref})`,
    ...(isExact ? [`sum(${column.ref})`, `sum(DISTINCT ${column.ref})`, `avg(${column.ref})`] : []),
    ...(column.kind === 'boolean' ? [`bool_and(${column.ref})`, `bool_or(${column.ref})`] : []),
  ];
  const call = random.pick(calls);
  if (!random.chance(0.15)) return call;
  context.tag('aggregate_filter');
  return `${call} FILTER (WHERE ${predicate({ context, columns, depth: 1 })})`;
}

function grouping({ random, tag }: QueryContext, keys: readonly QueryColumn[]): string {
  if (keys.length === 0) return '';
  const list = keys.map(({ ref }) => ref).join(', ');
  if (!random.chance(0.12))
    return ` GROUP BY ${random.chance(0.3) ? keys.map((_, index) => index + 1).join(', ') : list}`;
  tag('grouping_sets');
  return ` GROUP BY ${random.pick([`ROLLUP (${list})`, `CUBE (${list})`, `GROUPING SETS ((${list}), ())`])}`;
}

function having({ random, tag }: QueryContext, columns: readonly QueryColumn[]): string {
  if (!random.chance(0.3)) return '';
  tag('having');
  const { ref } = random.pick(columns);
  return ` HAVING ${random.pick(['count(*) >= 1', 'count(*) >= 2', `count(${ref}) >= 1`, `max(${ref}) IS NOT NULL`])}`;
}

/** Columns whose values come more than once, by which grouping means something; all, where there is none. */
function repeating(columns: readonly QueryColumn[]): readonly QueryColumn[] {
  const found = columns.filter(({ samples }) => samples.length <= 12);
  return found.length === 0 ? columns : found;
}
