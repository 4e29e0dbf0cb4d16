import { type AggregateCall, isVolatile, type Rel, TypeId } from '@millrace/core';
import { toCondition } from '../translate/condition.ts';
import { toOperand } from '../translate/operand.ts';
import type { Operand, Translation } from '../translate/translation.ts';
import { isText, valueType } from '../translate/value-type.ts';
import { toRelColumn } from './print-project.ts';
import { createRelScope, type RelContext } from './rel-context.ts';
import { deriveQuery, isPlain, type RelColumn, type RelQuery } from './rel-query.ts';

/** Groups by columns whose equality is the engine's; a key that is computed becomes a column of a derived table first. */
export function printAggregate(
  { input, groupBy, calls }: Extract<Rel, { kind: 'aggregate' }>,
  context: RelContext,
): RelQuery | undefined {
  const { source, names } = context;
  const printed = context.print(input);
  if (printed === undefined || groupBy.length + calls.length === 0) return undefined;
  const { orderBy: _, ...unordered } = isPlain(printed) ? printed : deriveQuery(printed, source.dialect, names);

  const scope = createRelScope(unordered.columns, context);
  const keys: RelColumn[] = [];
  for (const [index, expr] of groupBy.entries()) {
    const key = toRelColumn(expr, scope);
    if (key?.operand?.semantics.equality !== 'same' || key.source?.valueAs !== undefined) return undefined;
    const name = expr.kind === 'column' ? expr.path[expr.path.length - 1]! : `group_${index}`;
    keys.push({ ...key, field: { ...key.field, name } });
  }
  // The same expression in SELECT and GROUP BY is not the same to a source once a value is bound in it.
  const isComputed = keys.some(({ source: column }) => column === undefined);
  const whole = { ...unordered, columns: [...unordered.columns, ...keys] };
  const base = isComputed ? deriveQuery(whole, source.dialect, names) : whole;
  const inputs = base.columns.slice(0, unordered.columns.length);
  const grouped = base.columns.slice(unordered.columns.length);

  const { translation } = createRelScope(inputs, context);
  const columns: RelColumn[] = [...grouped];
  for (const [index, call] of calls.entries()) {
    const sql = writeCall(call, translation);
    if (sql === undefined) return undefined;
    const isSameValue = call.function !== 'min' && call.function !== 'max';
    const semantics = { equality: 'same', order: 'same', pattern: 'same' } as const;
    columns.push({
      field: { name: `${call.function}_${index}`, type: call.type, nullable: call.function !== 'count' },
      sql,
      operand: isSameValue && call.type.typeId !== TypeId.Float ? { sql, type: call.type, semantics } : undefined,
    });
  }
  const query = { ...base, columns, groupBy: grouped.map(({ sql }) => sql) };
  // What stands above must not reach into the aggregate: WHERE knows no calls, and a global aggregate has a row without any input.
  return deriveQuery(query, source.dialect, names);
}

function writeCall(call: AggregateCall, translation: Translation): string | undefined {
  const { function: name, args, distinct, filter } = call;
  if (args.some(isVolatile) || (filter !== undefined && isVolatile(filter)) || args.length > 1) return undefined;
  const condition = filter && toCondition(filter, 'true', translation);
  if (filter !== undefined && condition?.degree !== 'exact') return undefined;
  const [arg] = args;
  if (arg === undefined) {
    if (name !== 'count' || distinct) return undefined;
    return condition === undefined ? 'COUNT(*)' : `COUNT(CASE WHEN ${condition.sql} THEN 1 END)`;
  }
  const operand = toOperand(arg, translation);
  if (operand === undefined || !isEqualCall(call, operand, translation)) return undefined;
  const value = condition === undefined ? operand.sql : `CASE WHEN ${condition.sql} THEN ${operand.sql} END`;
  return `${name.toUpperCase()}(${distinct ? 'DISTINCT ' : ''}${value})`;
}

function isEqualCall(call: AggregateCall, operand: Operand, { profile }: Translation): boolean {
  const { equality, order } = operand.semantics;
  if (call.distinct && equality !== 'same') return false;
  switch (call.function) {
    case 'count':
      return true;
    case 'min':
    case 'max':
      // Not every source has an order of truth values or of bytes, and an enumeration has one of its own.
      return order === 'same' && isOrderedType(call);
    case 'sum':
    case 'avg':
      return profile.isEqualAggregate?.(call) === true;
    default:
      return call.function satisfies never;
  }
}

function isOrderedType({ args: [arg] }: AggregateCall): boolean {
  if (arg === undefined || arg.type.typeId === TypeId.Dictionary) return false;
  const { typeId } = valueType(arg.type);
  return (
    isText(arg.type) ||
    [TypeId.Int, TypeId.Float, TypeId.Decimal, TypeId.Date, TypeId.Time, TypeId.Timestamp].some((id) => id === typeId)
  );
}
