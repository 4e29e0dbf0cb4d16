import { type Expr, TypeId } from '@millrace/core';
import { predicate } from './comparison.ts';
import { foldPrefixRanges } from './prefix-range.ts';

/**
 * A filter in core's vocabulary and how it relates to the engine's.
 *
 * `exact`: TRUE, FALSE and NULL for the same rows. `true_rows`: TRUE for the same rows. `weaker`: TRUE for at least those.
 */
export interface Condition {
  readonly expr: Expr;
  readonly fidelity: Fidelity;
}

export type Fidelity = 'exact' | 'true_rows' | 'weaker';

const RANK: Readonly<Record<Fidelity, number>> = { exact: 2, true_rows: 1, weaker: 0 };

/** What remains when some parts of an AND could not be said: fewer conjuncts, so more rows. */
export function conjunction(parts: readonly (Condition | undefined)[]): Condition | undefined {
  const known = parts.filter((part) => part !== undefined);
  if (known.length === 0) return undefined;
  const exprs = foldPrefixRanges(known.flatMap(({ expr }) => conjunctsOf(expr)));
  const fidelity = known.length < parts.length ? 'weaker' : lowest(known);
  return { expr: exprs.length === 1 && exprs[0] !== undefined ? exprs[0] : predicate('and', exprs), fidelity };
}

/** An OR needs all its parts: one that cannot be said may hold for any row. */
export function disjunction(parts: readonly (Condition | undefined)[]): Condition | undefined {
  const known = parts.filter((part) => part !== undefined);
  const [first] = known;
  if (first === undefined || known.length < parts.length) return undefined;
  if (known.length === 1) return first;
  return {
    expr: predicate(
      'or',
      known.flatMap(({ expr }) => disjunctsOf(expr)),
    ),
    fidelity: lowest(known),
  };
}

/** Negation turns every gained row into a lost one, and NULL into NULL: only an exact condition has one. */
export function negation(part: Condition | undefined): Condition | undefined {
  if (part?.fidelity !== 'exact') return undefined;
  return { expr: negate(part.expr), fidelity: 'exact' };
}

function negate(expr: Expr): Expr {
  if (expr.kind === 'call') {
    const [left, right] = expr.args;
    if (expr.function === 'is_null') return predicate('is_not_null', expr.args);
    if (expr.function === 'is_not_null') return predicate('is_null', expr.args);
    if (
      expr.function === 'eq' &&
      left?.type.typeId === TypeId.Bool &&
      right?.kind === 'literal' &&
      right.value === true
    ) {
      return predicate('eq', [left, { ...right, value: false }]);
    }
  }
  return predicate('not', [expr]);
}

/** The conjuncts of an expression: those of an `and`, else itself. */
export function conjunctsOf(expr: Expr): readonly Expr[] {
  return expr.kind === 'call' && expr.function === 'and' ? expr.args : [expr];
}

function disjunctsOf(expr: Expr): readonly Expr[] {
  return expr.kind === 'call' && expr.function === 'or' ? expr.args : [expr];
}

function lowest(parts: readonly Condition[]): Fidelity {
  return parts.reduce<Fidelity>((least, { fidelity }) => (RANK[fidelity] < RANK[least] ? fidelity : least), 'exact');
}
