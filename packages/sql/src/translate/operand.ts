import { type DataType, type Expr, type ScalarFunction, TypeId } from '@millrace/core';
import type { ColumnSemantics, SemanticsProfile } from '../semantics-profile.ts';
import { canBind } from './can-bind.ts';
import { toCondition } from './condition.ts';
import type { Operand, Translation } from './translation.ts';
import { isText, valueType } from './value-type.ts';

type CallExpr = Extract<Expr, { readonly kind: 'call' }>;

const SAME: ColumnSemantics = { equality: 'same', order: 'same', pattern: 'same' };
const UNKNOWN: ColumnSemantics = { equality: 'unknown', order: 'unknown', pattern: 'unknown' };

/**
 * Writes an expression whose value must be the engine's on every row. Undefined where that is not established: a column that cannot be
 * compared, a function that is not on the profile's list or that the dialect cannot say.
 */
export function toOperand(expr: Expr, translation: Translation): Operand | undefined {
  switch (expr.kind) {
    case 'column':
      return translation.resolve(expr.path);
    case 'literal':
      return toLiteral(expr, translation);
    case 'call':
      return toCall(expr, translation);
    default:
      return expr satisfies never;
  }
}

function toLiteral(expr: Extract<Expr, { kind: 'literal' }>, translation: Translation): Operand | undefined {
  const { value, type } = expr;
  const { dialect } = translation;
  const parameter = { value, type };
  if (value !== null && typeof value === 'object' && !(value instanceof Uint8Array)) return undefined;
  if (!canBind(parameter, dialect)) return undefined;
  const sql =
    typeof value === 'boolean'
      ? (dialect.booleanLiteral?.(value) ?? (value ? 'TRUE' : 'FALSE'))
      : translation.bind(parameter);
  const semantics = isText(valueType(type)) ? (translation.profile.text ?? UNKNOWN) : SAME;
  return { sql, type: valueType(type), semantics };
}

/** What is written by the translator, whatever a profile says of it. */
const CONDITIONS: ReadonlySet<string> = new Set<ScalarFunction>([
  ...(['eq', 'ne', 'lt', 'le', 'gt', 'ge', 'distinct', 'not_distinct', 'is_null', 'is_not_null'] as const),
  ...(['and', 'or', 'not', 'in', 'like', 'starts_with', 'ends_with', 'contains'] as const),
]);

function toCall(call: CallExpr, translation: Translation): Operand | undefined {
  const { dialect, profile } = translation;
  if (CONDITIONS.has(call.function)) return toTruth(call, translation);
  if (!profile.isEqualFunction(call.function, call.args, call.type)) return undefined;
  const operands: Operand[] = [];
  for (const [index, arg] of call.args.entries()) {
    const operand = isWhen(call, index) ? toWhen(arg, translation) : toOperand(arg, translation);
    if (operand === undefined) return undefined;
    operands.push(operand);
  }
  const sql = dialect.functions[call.function]?.({
    call,
    args: operands.map((operand) => operand.sql),
    bind: translation.bind,
  });
  const fromRows = operands.filter((_, index) => call.args[index]?.kind !== 'literal');
  const meaning = resultSemantics(valueType(call.type), fromRows, profile);
  return sql === undefined || meaning === undefined ? undefined : { sql, type: valueType(call.type), ...meaning };
}

/** The truth of a condition as a value: TRUE, FALSE and NULL for the engine's rows. */
function toTruth(call: CallExpr, translation: Translation): Operand | undefined {
  const holds = toCondition(call, 'true', translation);
  const fails = toCondition(call, 'false', translation);
  if (holds?.degree !== 'exact' || fails?.degree !== 'exact') return undefined;
  const literal = (value: boolean): string => translation.dialect.booleanLiteral?.(value) ?? (value ? 'TRUE' : 'FALSE');
  return {
    sql: `(CASE WHEN ${holds.sql} THEN ${literal(true)} WHEN ${fails.sql} THEN ${literal(false)} END)`,
    type: { typeId: TypeId.Bool },
    semantics: SAME,
  };
}

function isWhen(call: CallExpr, index: number): boolean {
  return call.function === 'case' && index % 2 === 0 && index < call.args.length - 1;
}

/** A condition that chooses a value must choose the same rows; whether it is FALSE or NULL elsewhere makes no difference. */
function toWhen(arg: Expr, translation: Translation): Operand | undefined {
  const condition = toCondition(arg, 'true', translation);
  if (condition?.degree !== 'exact') return undefined;
  return { sql: condition.sql, type: { typeId: TypeId.Bool }, semantics: SAME };
}

/**
 * A text computed from texts of a row compares as the least of them; so does a float computed from floats. Two collations in one call leave a
 * text without one, which sources refuse to compare.
 */
function resultSemantics(
  type: DataType,
  operands: readonly Operand[],
  profile: SemanticsProfile,
): Pick<Operand, 'semantics' | 'collation'> | undefined {
  const isAlike = (operand: Operand): boolean =>
    isText(type) ? isText(operand.type) : type.typeId === TypeId.Float && operand.type.typeId === TypeId.Float;
  const [first, ...others] = operands.filter(isAlike);
  if (first === undefined) return { semantics: isText(type) ? (profile.text ?? UNKNOWN) : SAME };
  if (others.some((operand) => operand.collation !== first.collation)) return undefined;
  const semantics = others.map((operand) => operand.semantics).reduce(weaker, first.semantics);
  return { semantics, ...(first.collation !== undefined && { collation: first.collation }) };
}

const RANK = { same: 2, wider: 1, unknown: 0 } as const;

function weaker(left: ColumnSemantics, right: ColumnSemantics): ColumnSemantics {
  const least = <Meaning extends keyof typeof RANK>(a: Meaning, b: Meaning): Meaning => (RANK[a] <= RANK[b] ? a : b);
  const weakest = RANK[left.equality] <= RANK[right.equality] ? left : right;
  return {
    ...weakest,
    equality: least(left.equality, right.equality),
    order: least(left.order, right.order),
    pattern: least(left.pattern, right.pattern),
  };
}
