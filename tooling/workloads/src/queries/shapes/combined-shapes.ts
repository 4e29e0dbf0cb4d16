import { typesEqual } from '@millrace/arrow';
import { quoteIdentifier } from '@millrace/duckdb';
import { placeTable } from '../join-clause.ts';
import { predicate } from '../predicate.ts';
import { type QueryContext, randomRelation, someColumns } from '../query-context.ts';
import { derivedRelation, type QueryColumn, type Relation, tableRelation } from '../relation.ts';
import { selectList, whereClause } from '../select-list.ts';

/** A common table expression that is used twice: joined with itself, set against itself, or compared with its own extreme. */
export function twiceUsedShape(context: QueryContext): string {
  context.tag('cte');
  const { random } = context;
  const inner = randomRelation(context);
  const chosen = someColumns(context, inner.columns);
  const key = random.pick(inner.columns.filter(({ value }) => value !== null).concat(inner.columns));
  const columns = chosen.includes(key) ? chosen : [key, ...chosen];
  const list = columns.map(({ ref, name }) => `${ref} AS ${quoteIdentifier(name)}`).join(', ');
  const name = context.alias();
  const materialized = random.pick(['', '', ' MATERIALIZED', ' NOT MATERIALIZED']);
  const body = `SELECT ${list} FROM ${inner.from}${whereClause(context, inner.columns)}`;
  const first = reference(context, name, columns);
  const second = reference(context, name, columns);
  return `WITH ${name} AS${materialized} (${body}) ${usedTwice(context, { first, second, key: key.name })}`;
}

interface Uses {
  readonly first: Relation;
  readonly second: Relation;
  readonly key: string;
}

function usedTwice(context: QueryContext, { first, second, key }: Uses): string {
  const where = whereClause(context, first.columns);
  const [left, right] = [first, second].map(({ alias }) => `${alias}.${quoteIdentifier(key)}`);
  switch (context.random.pick(['join', 'union', 'extreme', 'count'] as const)) {
    case 'join': {
      context.tag('self_join');
      const grouped = `SELECT count(*) AS n, min(${left}) AS low, max(${right}) AS high`;
      return `${grouped} FROM ${first.from} JOIN ${second.from} ON ${left} = ${right}${where}`;
    }
    case 'union': {
      context.tag('set_operation');
      return `SELECT ${all(first)} FROM ${first.from}${where} UNION ALL SELECT ${all(second)} FROM ${second.from}${whereClause(context, second.columns)}`;
    }
    case 'extreme':
      context.tag('scalar_subquery');
      return `SELECT ${all(first)} FROM ${first.from} WHERE ${left} = (SELECT max(${right}) FROM ${second.from})`;
    default:
      context.tag('scalar_subquery');
      return `SELECT ${selectList(context, first.columns)}, (SELECT count(*) FROM ${second.from}) AS n FROM ${first.from}${where}`;
  }
}

/** UNION, INTERSECT and EXCEPT, with and without ALL. */
export function setShape(context: QueryContext): string {
  context.tag('set_operation');
  const { random, tables, alias } = context;
  const operation = random.pick(['UNION', 'UNION ALL', 'INTERSECT', 'INTERSECT ALL', 'EXCEPT', 'EXCEPT ALL'] as const);
  context.tag(operation.toLowerCase().replace(' ', '_'));
  const left = placeTable(context);
  const columns = someColumns(context, left.relation.columns);
  const leftSelect = `SELECT ${refs(columns)} FROM ${left.relation.from}${filtered(context, left.relation, 'true')}`;
  if (operation.startsWith('UNION') && random.chance(0.5)) {
    const other = placeTable(context, random.pick(tables));
    const pairs = columns.map((column) => other.relation.columns.filter(({ type }) => typesEqual(type, column.type)));
    if (pairs.every((candidates) => candidates.length > 0)) {
      const chosen = pairs.map((candidates) => random.pick(candidates));
      return `${leftSelect} ${operation} SELECT ${refs(chosen)} FROM ${other.relation.from}${filtered(context, other.relation, 'true')}`;
    }
  }
  const same = tableRelation(left.table, alias(), left.witness);
  const sameColumns = columns.map(({ name }) => same.columns.find((column) => column.name === name) as QueryColumn);
  const want = operation.startsWith('EXCEPT') ? 'false' : 'true';
  return `${leftSelect} ${operation} SELECT ${refs(sameColumns)} FROM ${same.from}${filtered(context, same, want)}`;
}

function filtered(context: QueryContext, { columns }: Relation, want: 'true' | 'false'): string {
  if (want === 'true' && context.random.chance(0.2)) return '';
  context.tag('filter');
  return ` WHERE ${predicate({ context, columns, want })}`;
}

function reference({ alias }: QueryContext, name: string, columns: readonly QueryColumn[]): Relation {
  const own = alias();
  return derivedRelation(own, `${name} AS ${own}`, columns);
}

function all({ columns }: Relation): string {
  return columns.map(({ ref }) => ref).join(', ');
}

function refs(columns: readonly QueryColumn[]): string {
  return columns.map(({ ref }, index) => `${ref} AS c${index}`).join(', ');
}
