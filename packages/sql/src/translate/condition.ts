import { type Expr, TypeId } from '@millrace/core';
import { compare } from './comparison.ts';
import { conjunction, disjunction } from './junction.ts';
import { membership } from './membership.ts';
import { toOperand } from './operand.ts';
import { matchPattern } from './pattern.ts';
import { ALWAYS, type Condition, exactly, NEVER, type Translation, type Wanted } from './translation.ts';

type CallExpr = Extract<Expr, { readonly kind: 'call' }>;

/**
 * Writes a condition that keeps the rows which make a boolean expression TRUE (or FALSE), and perhaps more; undefined where it cannot
 * be said without losing one.
 *
 * A negation is carried down to the leaves by asking for the rows that make its argument FALSE, so that a leaf which is wider than the
 * engine's is never negated: `NOT (a = 'x')` asks for the rows where `a <> 'x'`, which a wider equality cannot tell.
 */
export function toCondition(expr: Expr, wanted: Wanted, translation: Translation): Condition | undefined {
  if (expr.kind === 'literal') return expr.value === (wanted === 'true') ? ALWAYS : truthOf(expr.value);
  if (expr.kind === 'column') return truthOfValue(expr, wanted, translation);
  const parts = (): (Condition | undefined)[] => expr.args.map((arg) => toCondition(arg, wanted, translation));
  const [first] = expr.args;
  switch (expr.function) {
    case 'and':
      return wanted === 'true' ? conjunction(parts()) : disjunction(parts());
    case 'or':
      return wanted === 'true' ? disjunction(parts()) : conjunction(parts());
    case 'not':
      return first && toCondition(first, wanted === 'true' ? 'false' : 'true', translation);
    case 'eq':
    case 'ne':
    case 'lt':
    case 'le':
    case 'gt':
    case 'ge':
    case 'distinct':
    case 'not_distinct':
      return compareTruth(expr, wanted, translation) ?? compare(expr, wanted, translation);
    case 'is_null':
    case 'is_not_null': {
      const operand = first && toOperand(first, translation);
      const keepsNulls = (expr.function === 'is_null') === (wanted === 'true');
      return operand && exactly(`${operand.sql} IS ${keepsNulls ? '' : 'NOT '}NULL`);
    }
    case 'in':
      return membership(expr, wanted, translation);
    case 'like':
    case 'starts_with':
    case 'ends_with':
    case 'contains':
      return matchPattern(expr, wanted, translation);
    case 'case':
      return chosenBranch(expr.args, wanted, translation);
    default:
      return truthOfValue(expr, wanted, translation);
  }
}

/** NULL and the other truth value keep no row; what is no truth value is no condition. */
function truthOf(value: unknown): Condition | undefined {
  return value === null || typeof value === 'boolean' ? NEVER : undefined;
}

/** A value that is a condition by itself. It is compared with TRUE, which every source takes for a condition. */
function truthOfValue(expr: Expr, wanted: Wanted, translation: Translation): Condition | undefined {
  if (expr.type.typeId !== TypeId.Bool) return undefined;
  const literal: Expr = { kind: 'literal', value: true, type: expr.type };
  return compare({ kind: 'call', function: 'eq', args: [expr, literal], type: expr.type }, wanted, translation);
}

/** `(a < 1) = TRUE` is `a < 1`, and `(a < 1) = FALSE` wants the rows that make it FALSE. */
function compareTruth(call: CallExpr, wanted: Wanted, translation: Translation): Condition | undefined {
  const [left, right] = call.args;
  if (call.function !== 'eq' && call.function !== 'ne') return undefined;
  const [inner, literal] = left?.kind === 'literal' ? [right, left] : [left, right];
  if (inner?.kind !== 'call' || inner.type.typeId !== TypeId.Bool || literal?.kind !== 'literal') return undefined;
  if (typeof literal.value !== 'boolean') return undefined;
  const isAsked = (literal.value === (call.function === 'eq')) === (wanted === 'true');
  return toCondition(inner, isAsked ? 'true' : 'false', translation);
}

/** `CASE`: which branch is taken must be certain; what it then keeps may be wider. */
function chosenBranch(args: readonly Expr[], wanted: Wanted, translation: Translation): Condition | undefined {
  if (args.length % 2 === 0) return undefined;
  let degree: Condition['degree'] = 'exact';
  const texts: string[] = [];
  for (const [index, arg] of args.entries()) {
    const isWhen = index % 2 === 0 && index < args.length - 1;
    const part = toCondition(arg, isWhen ? 'true' : wanted, translation);
    if (part === undefined || (isWhen && part.degree === 'inexact')) return undefined;
    if (part.degree === 'inexact') degree = 'inexact';
    texts.push(index === args.length - 1 ? ` ELSE ${part.sql}` : isWhen ? ` WHEN ${part.sql}` : ` THEN ${part.sql}`);
  }
  return { sql: args.length === 1 ? `(${texts[0]!.slice(6)})` : `(CASE${texts.join('')} END)`, degree };
}
