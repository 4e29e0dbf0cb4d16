import { type Expr, type ScalarFunction, TypeId } from '@millrace/core';
import { canBind } from './can-bind.ts';
import { toOperand } from './operand.ts';
import { type PlacedLiteral, placeLiteral } from './place-literal.ts';
import { ALWAYS, type Condition, exactly, NEVER, type Operand, type Translation, type Wanted } from './translation.ts';
import { isSameType, isText } from './value-type.ts';

type Comparison = Extract<ScalarFunction, 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge' | 'distinct' | 'not_distinct'>;

type CallExpr = Extract<Expr, { readonly kind: 'call' }>;
type LiteralExpr = Extract<Expr, { readonly kind: 'literal' }>;

/** The comparison that is TRUE exactly where the first is FALSE; both are NULL for the same rows. */
const NEGATED: Readonly<Record<Comparison, Comparison>> = {
  eq: 'ne',
  ne: 'eq',
  lt: 'ge',
  le: 'gt',
  gt: 'le',
  ge: 'lt',
  distinct: 'not_distinct',
  not_distinct: 'distinct',
};

/** The comparison with its sides exchanged. */
const FLIPPED: Readonly<Record<Comparison, Comparison>> = {
  eq: 'eq',
  ne: 'ne',
  lt: 'gt',
  le: 'ge',
  gt: 'lt',
  ge: 'le',
  distinct: 'distinct',
  not_distinct: 'not_distinct',
};

const OPERATORS: Readonly<Partial<Record<ScalarFunction, string>>> = {
  eq: '=',
  ne: '<>',
  lt: '<',
  le: '<=',
  gt: '>',
  ge: '>=',
};

/** Writes a comparison of a value with a literal on either side, or of two values. */
export function compare(call: CallExpr, wanted: Wanted, translation: Translation): Condition | undefined {
  const [left, right, ...rest] = call.args;
  if (left === undefined || right === undefined || rest.length > 0) return undefined;
  const stated = call.function as Comparison;
  const comparison = wanted === 'true' ? stated : NEGATED[stated];
  if (left.kind === 'literal') {
    return right.kind === 'literal' ? undefined : compareLiteral(FLIPPED[comparison], right, left, translation);
  }
  if (right.kind === 'literal') return compareLiteral(comparison, left, right, translation);
  const a = toOperand(left, translation);
  const b = toOperand(right, translation);
  return a && b && compareOperands(comparison, a, b);
}

function compareLiteral(
  comparison: Comparison,
  value: Expr,
  literal: LiteralExpr,
  translation: Translation,
): Condition | undefined {
  const operand = toOperand(value, translation);
  if (operand === undefined) return undefined;
  if (literal.value === null) {
    if (comparison === 'not_distinct') return exactly(`${operand.sql} IS NULL`);
    return comparison === 'distinct' ? exactly(`${operand.sql} IS NOT NULL`) : NEVER;
  }
  const placed = placeLiteral(literal, operand, translation.profile);
  return placed && comparePlaced(comparison, operand, placed, translation);
}

function comparePlaced(
  comparison: Comparison,
  operand: Operand,
  placed: PlacedLiteral,
  translation: Translation,
): Condition | undefined {
  const present = exactly(`${operand.sql} IS NOT NULL`);
  switch (comparison) {
    case 'eq':
    case 'not_distinct':
      return placed.place === 'at' ? equalTo(operand, placed, translation) : NEVER;
    case 'ne':
      return placed.place === 'at' ? differentFrom(operand, placed, translation) : present;
    case 'distinct': {
      const different = placed.place === 'at' ? differentFrom(operand, placed, translation) : ALWAYS;
      return different && exactly(`(${operand.sql} IS NULL OR ${different.sql})`);
    }
    case 'lt':
    case 'le':
      if (placed.place === 'above') return present;
      if (placed.place === 'below') return NEVER;
      return inOrder(placed.place === 'at' ? comparison : 'le', operand, placed, translation);
    case 'gt':
    case 'ge':
      if (placed.place === 'above') return NEVER;
      if (placed.place === 'below') return present;
      return inOrder(placed.place === 'at' ? comparison : 'gt', operand, placed, translation);
    default:
      return comparison satisfies never;
  }
}

type PlacedValue = Extract<PlacedLiteral, { readonly place: 'at' | 'just_below' }>;

/** Binds a value that stands opposite of an operand; a truth value is written, as planners know what `c = TRUE` means. */
export function bindBeside(
  operand: Operand,
  placed: Pick<PlacedValue, 'value' | 'type'>,
  translation: Translation,
): string | undefined {
  const { value, type } = placed;
  const { dialect } = translation;
  if (typeof value === 'boolean') return dialect.booleanLiteral?.(value) ?? (value ? 'TRUE' : 'FALSE');
  const parameter = { value, type, ...(operand.column !== undefined && { column: operand.column }) };
  return canBind(parameter, dialect) ? translation.bind(parameter) : undefined;
}

function equalTo(operand: Operand, placed: PlacedValue, translation: Translation): Condition | undefined {
  const literal = bindBeside(operand, placed, translation);
  if (literal === undefined) return undefined;
  const { equality, asBytes, literalAsBytes } = operand.semantics;
  if (equality === 'same') return exactly(withIndex(operand, (sql) => `${sql} = ${literal}`));
  const plain = `${operand.sql} = ${literal}`;
  if (asBytes !== undefined) {
    const bytes = `${asBytes(operand.sql)} = ${literalAsBytes?.(literal) ?? literal}`;
    return exactly(equality === 'wider' ? `(${plain} AND ${bytes})` : bytes);
  }
  return equality === 'wider' ? { sql: plain, degree: 'inexact' } : undefined;
}

function differentFrom(operand: Operand, placed: PlacedValue, translation: Translation): Condition | undefined {
  return exactly(binary('<>', operand, operand.semantics.equality, bindBeside(operand, placed, translation)));
}

function inOrder(
  comparison: Comparison,
  operand: Operand,
  placed: PlacedValue,
  translation: Translation,
): Condition | undefined {
  const literal = bindBeside(operand, placed, translation);
  return exactly(binary(OPERATORS[comparison]!, operand, operand.semantics.order, literal));
}

/** Writes a condition on the value, and before it the same on the plain column where that is another: an index knows only this one. */
export function withIndex(operand: Operand, write: (sql: string) => string): string {
  const { sql, indexed } = operand;
  return indexed === undefined ? write(sql) : `(${write(indexed)} AND ${write(sql)})`;
}

/** An operator that must mean the same: on the plain value where it does, else on its bytes. */
function binary(operator: string, operand: Operand, meaning: string, literal: string | undefined): string | undefined {
  if (literal === undefined) return undefined;
  if (meaning === 'same') return withIndex(operand, (sql) => `${sql} ${operator} ${literal}`);
  const { asBytes, literalAsBytes } = operand.semantics;
  return asBytes && `${asBytes(operand.sql)} ${operator} ${literalAsBytes?.(literal) ?? literal}`;
}

/** Compares two values of one type. Texts of two collations are compared by bytes or not at all: sources refuse to choose. */
export function compareOperands(comparison: Comparison, left: Operand, right: Operand): Condition | undefined {
  if (!isSameType(left.type, right.type)) return undefined;
  const isRange = comparison === 'lt' || comparison === 'le' || comparison === 'gt' || comparison === 'ge';
  if (isRange && left.type.typeId === TypeId.Bool) return undefined;
  const meaning = isRange ? 'order' : 'equality';
  const collates = !isText(left.type) || left.collation === right.collation;
  const isPlain = collates && left.semantics[meaning] === 'same' && right.semantics[meaning] === 'same';
  const a = isPlain ? left.sql : left.semantics.asBytes?.(left.sql);
  const b = isPlain ? right.sql : right.semantics.asBytes?.(right.sql);
  if (a !== undefined && b !== undefined) {
    const { sql: l } = left;
    const { sql: r } = right;
    if (comparison === 'not_distinct') return exactly(`(${a} = ${b} OR (${l} IS NULL AND ${r} IS NULL))`);
    if (comparison === 'distinct') {
      return exactly(`(${a} <> ${b} OR (${l} IS NULL AND ${r} IS NOT NULL) OR (${l} IS NOT NULL AND ${r} IS NULL))`);
    }
    return exactly(`${a} ${OPERATORS[comparison]} ${b}`);
  }
  const isWider = collates && left.semantics.equality !== 'unknown' && right.semantics.equality !== 'unknown';
  return comparison === 'eq' && isWider ? { sql: `${left.sql} = ${right.sql}`, degree: 'inexact' } : undefined;
}
