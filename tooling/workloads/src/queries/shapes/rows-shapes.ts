import { dataTypes } from '@millrace/core';
import { quoteIdentifier } from '@millrace/duckdb';
import { joinClause } from '../join-clause.ts';
import { type QueryContext, randomRelation, someColumns, someOf } from '../query-context.ts';
import { derivedRelation, keyColumns, type Relation } from '../relation.ts';
import { selectList, totalOrder, whereClause } from '../select-list.ts';

const INTEGER = dataTypes.int64();

/** Rows of one table. */
export function filterShape(context: QueryContext): string {
  context.tag('single_table');
  const relation = randomRelation(context);
  return `SELECT ${distinct(context)}${selectList(context, relation.columns)} FROM ${relation.from}${whereClause(context, relation.columns)}`;
}

/** Rows of two or three tables. */
export function joinShape(context: QueryContext): string {
  context.tag('join');
  const { relations, sql, conditions } = joinClause(context);
  const columns = relations.flatMap((relation) => relation.columns);
  return `SELECT ${distinct(context)}${selectList(context, columns)} FROM ${sql}${whereClause(context, columns, conditions)}`;
}

/** The first rows of a total order, of one table or of a join, with and without OFFSET. */
export function topRowsShape(context: QueryContext): string {
  context.tag('limit');
  const isJoin = context.random.chance(0.3);
  const { relations, sql, conditions } = isJoin ? joinClause(context) : singleTable(context);
  const columns = relations.flatMap((relation) => relation.columns);
  const order = totalOrder(context, someOf(context, columns, { min: 0, max: 2 }), relations.flatMap(keyColumns));
  const where = context.random.chance(0.6) ? whereClause(context, columns, conditions) : requireOnly(conditions);
  return `SELECT ${selectList(context, columns)} FROM ${sql}${where} ORDER BY ${order} ${limit(context)}`;
}

/** How many rows a limit lets through, for which it does not matter which ones they are. */
export function limitedCountShape(context: QueryContext): string {
  context.tag('limit');
  context.tag('unordered_limit');
  const relation = randomRelation(context);
  const inner = `SELECT ${selectList(context, relation.columns)} FROM ${relation.from}${whereClause(context, relation.columns)} ${limit(context)}`;
  return `SELECT count(*) AS n FROM (${inner}) AS ${context.alias()}`;
}

/** Rows of a derived table, which filters and renames on its own. */
export function derivedShape(context: QueryContext): string {
  context.tag('derived_table');
  const inner = randomRelation(context);
  const columns = someColumns(context, inner.columns).map((column) => ({ ...column, name: `${column.name}_d` }));
  const list = columns.map(({ ref, name }) => `${ref} AS ${quoteIdentifier(name)}`).join(', ');
  const select = `SELECT ${distinct(context)}${list} FROM ${inner.from}${whereClause(context, inner.columns)}`;
  const alias = context.alias();
  const outer = derivedRelation(alias, `(${select}) AS ${alias}`, columns);
  return `SELECT ${selectList(context, outer.columns)} FROM ${outer.from}${whereClause(context, outer.columns)}`;
}

function singleTable(context: QueryContext): {
  readonly relations: readonly Relation[];
  readonly sql: string;
  readonly conditions: readonly string[];
} {
  const relation = randomRelation(context);
  return { relations: [relation], sql: relation.from, conditions: [] };
}

function requireOnly(conditions: readonly string[]): string {
  return conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
}

function limit({ random, values, tag }: QueryContext): string {
  const count = values.write(BigInt(random.integer(random.chance(0.1) ? 0 : 1, 25)), INTEGER);
  if (!random.chance(0.35)) return `LIMIT ${count}`;
  tag('offset');
  return `LIMIT ${count} OFFSET ${values.write(BigInt(random.integer(0, 4)), INTEGER)}`;
}

function distinct({ random, tag }: QueryContext): string {
  if (!random.chance(0.12)) return '';
  tag('distinct');
  return 'DISTINCT ';
}
