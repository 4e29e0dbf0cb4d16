import { type Expr, type Field, isVolatile, type Rel } from '@millrace/core';
import { toOperand } from '../translate/operand.ts';
import { createRelScope, type RelContext, type RelScope } from './rel-context.ts';
import type { RelColumn, RelQuery } from './rel-query.ts';

/** Longest text of one column; computed columns that use each other double at each level. */
const MAX_COLUMN_LENGTH = 20_000;

/** Replaces the select list, in the same statement, so that an order and a limit below it keep holding. */
export function printProject(
  { input, columns }: Extract<Rel, { kind: 'project' }>,
  context: RelContext,
): RelQuery | undefined {
  const query = context.print(input);
  if (query === undefined) return undefined;
  const scope = createRelScope(query.columns, context);
  const projected: RelColumn[] = [];
  for (const { name, expr } of columns) {
    const column = toRelColumn(expr, scope);
    if (column === undefined) return undefined;
    projected.push({ ...column, field: { ...column.field, name } });
  }
  return { ...query, columns: projected };
}

/** An expression as a column; one that is handed on keeps its source, its metadata and whether it can be null. */
export function toRelColumn(expr: Expr, { find, translation }: RelScope): RelColumn | undefined {
  if (isVolatile(expr)) return undefined;
  if (expr.kind === 'column') {
    const found = find(expr.path);
    if (found === undefined) return undefined;
    const { side: _, ...column } = found;
    return column;
  }
  const operand = toOperand(expr, translation);
  if (operand === undefined || operand.sql.length > MAX_COLUMN_LENGTH) return undefined;
  const field: Field = { name: '', type: expr.type, nullable: true };
  return { field, sql: operand.sql, operand };
}
