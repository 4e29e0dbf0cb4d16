import { type Expr, isVolatile, type JoinKind, type Rel } from '@millrace/core';
import { toCondition } from '../translate/condition.ts';
import { ALWAYS } from '../translate/translation.ts';
import { createRelScope, type RelContext } from './rel-context.ts';
import { deriveQuery, type RelColumn, type RelQuery } from './rel-query.ts';

const KEYWORDS: Readonly<Record<Exclude<JoinKind, 'semi' | 'anti'>, string>> = {
  inner: 'INNER JOIN',
  left: 'LEFT JOIN',
  right: 'RIGHT JOIN',
  full: 'FULL JOIN',
  cross: 'CROSS JOIN',
};

/** Joins two relations. Semi and anti joins are EXISTS and NOT EXISTS, which every source has, and which count no row twice. */
export function printJoin(rel: Extract<Rel, { kind: 'join' }>, context: RelContext): RelQuery | undefined {
  const { dialect } = context.source;
  if (dialect.missingJoins?.includes(rel.join) === true) return undefined;
  if (rel.condition !== undefined && (rel.join === 'cross' || isVolatile(rel.condition))) return undefined;
  const left = printSide(rel.left.input, rel.left.alias, context);
  const right = printSide(rel.right.input, rel.right.alias, context);
  if (left === undefined || right === undefined) return undefined;
  const columns = [...left.columns, ...right.columns];
  if (rel.join === 'full' && !hasEquality(rel)) return undefined;
  const condition =
    rel.condition === undefined
      ? ALWAYS
      : toCondition(rel.condition, 'true', createRelScope(columns, context).translation);
  if (condition?.degree !== 'exact') return undefined;
  switch (rel.join) {
    case 'semi':
    case 'anti': {
      const test = `${rel.join === 'semi' ? '' : 'NOT '}EXISTS (SELECT 1 FROM ${right.from} WHERE ${condition.sql})`;
      return { ...left, columns: left.columns.map(withoutSide), where: [test] };
    }
    case 'cross':
    case 'inner':
    case 'left':
    case 'right':
    case 'full': {
      const on = rel.join === 'cross' ? '' : ` ON ${condition.sql}`;
      return {
        from: `${left.from} ${KEYWORDS[rel.join]} ${right.from}${on}`,
        columns: [
          ...optional(left.columns, rel.join === 'right' || rel.join === 'full'),
          ...optional(right.columns, rel.join === 'left' || rel.join === 'full'),
        ],
        where: [],
      };
    }
    default:
      return rel.join satisfies never;
  }
}

/** Postgres raises an error for a full join without an equality between its sides, by which it could merge or hash. */
function hasEquality({ left, right, condition }: Extract<Rel, { kind: 'join' }>): boolean {
  const sideOf = (expr: Expr | undefined): string | undefined => (expr?.kind === 'column' ? expr.path[0] : undefined);
  const isEquality = (expr: Expr): boolean => {
    if (expr.kind !== 'call') return false;
    if (expr.function === 'and') return expr.args.some(isEquality);
    const sides = new Set(expr.args.map(sideOf));
    return expr.function === 'eq' && sides.has(left.alias) && sides.has(right.alias);
  };
  return condition !== undefined && isEquality(condition);
}

/** A side as an entry of FROM: a table as it is, everything else as a derived table. */
function printSide(input: Rel, alias: string, context: RelContext): RelQuery | undefined {
  const query = context.print(input);
  if (query === undefined) return undefined;
  const side = input.kind === 'scan' ? query : deriveQuery(query, context.source.dialect, context.names);
  return { ...side, columns: side.columns.map((column) => ({ ...column, side: alias })) };
}

function optional(columns: readonly RelColumn[], canBeMissing: boolean): readonly RelColumn[] {
  if (!canBeMissing) return columns;
  return columns.map((column) => ({ ...column, field: { ...column.field, nullable: true } }));
}

function withoutSide({ side: _, ...column }: RelColumn): RelColumn {
  return column;
}
