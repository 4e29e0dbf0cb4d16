import { dataTypes } from '@millrace/core';
import { predicate } from './predicate.ts';
import { type QueryContext, someColumns } from './query-context.ts';
import type { QueryColumn } from './relation.ts';

/** Columns and expressions for a SELECT, each under a name of its own. */
export function selectList(context: QueryContext, columns: readonly QueryColumn[]): string {
  const items = someColumns(context, columns).map((column) =>
    context.random.chance(0.3) ? expression(context, column, columns) : column.ref,
  );
  return items.map((item, index) => `${item} AS c${index}`).join(', ');
}

/** WHERE over these columns, with what has to hold in any case; empty where there is neither. */
export function whereClause(
  context: QueryContext,
  columns: readonly QueryColumn[],
  conditions: readonly string[] = [],
): string {
  const all = [...conditions];
  if (context.random.chance(0.85)) {
    context.tag('filter');
    all.push(predicate({ context, columns }));
  }
  return all.length === 0 ? '' : ` WHERE ${all.map((condition) => `(${condition})`).join(' AND ')}`;
}

/** ORDER BY these keys first and then by all others that are needed to leave no tie between rows that differ. */
export function totalOrder(
  context: QueryContext,
  leading: readonly QueryColumn[],
  keys: readonly QueryColumn[],
): string {
  const rest = keys.filter((key) => !leading.includes(key));
  return [...leading, ...rest].map((column) => `${column.ref}${direction(context)}`).join(', ');
}

function direction({ random }: QueryContext): string {
  return random.pick(['', '', ' ASC', ' DESC']) + random.pick(['', '', ' NULLS FIRST', ' NULLS LAST']);
}

/** An expression over a column that cannot fail and always gives the same for the same row. */
function expression(context: QueryContext, column: QueryColumn, columns: readonly QueryColumn[]): string {
  const { random, values } = context;
  const { ref, type } = column;
  const sample = () => values.write(random.pick(column.samples), type);
  const general = [
    () => `${ref} IS NULL`,
    () => `coalesce(${ref}, ${sample()})`,
    () => `CASE WHEN ${predicate({ context, columns, depth: 1 })} THEN ${ref} END`,
    () => `CASE WHEN ${ref} = ${sample()} THEN 'same' WHEN ${ref} IS NULL THEN 'none' ELSE 'other' END`,
    () => `nullif(${ref}, ${sample()})`,
  ];
  return random.pick(column.samples.length === 0 ? [() => ref] : [...general, ...ofKind(context, column)])();
}

function ofKind({ random, values }: QueryContext, { ref, kind }: QueryColumn): readonly (() => string)[] {
  switch (kind) {
    case 'boolean':
      return [() => `NOT ${ref}`];
    case 'integer':
      return [
        () => `CAST(${ref} AS HUGEINT) * ${values.write(random.integer(-3, 3), dataTypes.int32())}`,
        () => `${ref} % 5`,
        () => `CAST(${ref} AS VARCHAR)`,
        () => `CAST(${ref} AS DECIMAL(38, 2)) / 4`,
      ];
    case 'decimal':
      return [() => `${ref} + 1`, () => `CAST(${ref} AS VARCHAR)`, () => `-${ref}`, () => `round(${ref}, 1)`];
    case 'float':
      return [() => `${ref} * 2`, () => `isnan(${ref})`, () => `abs(${ref})`];
    case 'text':
      return [
        () => `lower(${ref})`,
        () => `upper(${ref})`,
        () => `length(${ref})`,
        () => `substr(${ref}, 2, 3)`,
        () => `${ref} || ${values.write('…', dataTypes.utf8())}`,
        () => `trim(${ref})`,
      ];
    case 'date':
      return [() => `extract(year FROM ${ref})`, () => `date_trunc('month', ${ref})`, () => `CAST(${ref} AS VARCHAR)`];
    case 'timestamp':
      return [() => `CAST(${ref} AS DATE)`, () => `date_trunc('hour', ${ref})`, () => `extract(day FROM ${ref})`];
    case 'bytes':
      return [() => `octet_length(${ref})`];
    case 'instant':
    case 'time':
      return [];
    default:
      return kind satisfies never;
  }
}
