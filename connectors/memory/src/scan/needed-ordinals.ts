import type { Expr, Schema, SortKey } from '@millrace/core';

/** The columns that sort keys read and that are not among those wanted, as ordinals. */
export function neededOrdinals(keys: readonly SortKey[], schema: Schema, wanted: readonly number[]): readonly number[] {
  const names = new Set<string>();
  for (const key of keys) collectColumns(key.expr, names);
  return schema.fields.flatMap((field, ordinal) =>
    names.has(field.name) && !wanted.includes(ordinal) ? [ordinal] : [],
  );
}

function collectColumns(expr: Expr, names: Set<string>): void {
  switch (expr.kind) {
    case 'column':
      names.add(expr.path[0]);
      return;
    case 'literal':
      return;
    case 'call':
      for (const arg of expr.args) collectColumns(arg, names);
      return;
    default:
      expr satisfies never;
  }
}
