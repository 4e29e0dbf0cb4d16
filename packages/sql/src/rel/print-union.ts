import type { Rel } from '@millrace/core';
import type { ColumnSemantics } from '../semantics-profile.ts';
import { toOperand } from '../translate/operand.ts';
import { isText } from '../translate/value-type.ts';
import { createRelScope, isEqualType, type RelContext } from './rel-context.ts';
import { deriveQuery, fromDerived, type RelColumn, type RelQuery, selectText } from './rel-query.ts';

const SAME: ColumnSemantics = { equality: 'same', order: 'same', pattern: 'same' };
const UNKNOWN: ColumnSemantics = { equality: 'unknown', order: 'unknown', pattern: 'unknown' };

/** UNION ALL, or UNION where equal rows count once; all inputs have equal types, and distinct texts one collation. */
export function printUnion(
  { inputs, distinct }: Extract<Rel, { kind: 'union' }>,
  context: RelContext,
): RelQuery | undefined {
  const { source, names } = context;
  const queries: RelQuery[] = [];
  for (const input of inputs) {
    const printed = context.print(input);
    if (printed === undefined) return undefined;
    const { orderBy, limit, offset } = printed;
    const isBare = orderBy === undefined && limit === undefined && offset === undefined;
    queries.push(isBare ? printed : deriveQuery(printed, source.dialect, names));
  }
  const [first, ...others] = queries;
  if (first === undefined || others.some(({ columns }) => columns.length !== first.columns.length)) return undefined;
  const columns: RelColumn[] = [];
  for (const [index, column] of first.columns.entries()) {
    const merged = mergeColumns(
      column,
      others.map((query) => query.columns[index]!),
    );
    if (merged === undefined || (distinct && !isGroupable(merged))) return undefined;
    columns.push(merged);
  }
  // Without columns, UNION would merge all rows into one.
  if (distinct && columns.length === 0) return undefined;
  const texts = queries.map((query) => selectText(query, source.dialect, names));
  return fromDerived(texts.join(distinct ? ' UNION ' : ' UNION ALL '), columns, names);
}

/** Whether equal values are those that the source counts as one. */
function isGroupable({ operand, source }: RelColumn): boolean {
  return operand?.semantics.equality === 'same' && source?.valueAs === undefined;
}

/** One column of a union; it can be compared where it compares in the same way in every input. */
function mergeColumns(first: RelColumn, others: readonly RelColumn[]): RelColumn | undefined {
  if (others.some(({ field }) => !isEqualType(first.field.type, field.type))) return undefined;
  const all = [first, ...others];
  const { source: column } = first;
  // A source's own conversions on reading are only right for its own column.
  const isShared = others.every(({ source }) => source === column);
  const isConverted = all.some(({ source }) => source?.readAs !== undefined || source?.valueAs !== undefined);
  if (!isShared && isConverted) return undefined;
  const isComparable = all.every(
    ({ operand }) =>
      operand?.semantics.equality === 'same' &&
      operand.semantics.order === first.operand?.semantics.order &&
      operand.semantics.pattern === first.operand.semantics.pattern &&
      operand.collation === first.operand.collation,
  );
  return {
    field: { ...first.field, nullable: all.some(({ field }) => field.nullable) },
    sql: first.sql,
    operand: isComparable ? first.operand : undefined,
    ...(isShared && column !== undefined && { source: column }),
  };
}

/** Rows of literals, one SELECT each. */
export function printValues(
  { schema, rows }: Extract<Rel, { kind: 'values' }>,
  context: RelContext,
): RelQuery | undefined {
  const { source, names } = context;
  const { translation } = createRelScope([], context);
  const texts: string[] = [];
  for (const row of rows) {
    const columns: RelColumn[] = [];
    for (const [index, expr] of row.entries()) {
      const field = schema.fields[index];
      const operand = expr.kind === 'literal' ? toOperand(expr, translation) : undefined;
      if (field === undefined || operand === undefined || !isEqualType(expr.type, field.type)) return undefined;
      columns.push({ field, sql: operand.sql, operand });
    }
    if (columns.length !== schema.fields.length) return undefined;
    texts.push(selectText({ columns, where: [] }, source.dialect, names));
  }
  if (texts.length === 0) return undefined;
  const { text = UNKNOWN } = source.profile;
  const columns = schema.fields.map((field): RelColumn => {
    const semantics = isText(field.type) ? text : SAME;
    return { field, sql: '', operand: { sql: '', type: field.type, semantics } };
  });
  return fromDerived(texts.join(' UNION ALL '), columns, names);
}
