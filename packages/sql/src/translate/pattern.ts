import { dataTypes, type Expr } from '@millrace/core';
import type { SourceColumn } from '../source-column.ts';
import { canBind } from './can-bind.ts';
import { likePartsOf, type PatternPart, writeLikePattern } from './like-pattern.ts';
import { toOperand } from './operand.ts';
import { type Condition, exactly, NEVER, type Translation, type Wanted } from './translation.ts';
import { isText } from './value-type.ts';

type CallExpr = Extract<Expr, { readonly kind: 'call' }>;

/** Writes `like`, `starts_with`, `ends_with` and `contains` over a literal pattern, which is bound, never written. */
export function matchPattern(call: CallExpr, wanted: Wanted, translation: Translation): Condition | undefined {
  const [value, pattern, escapeCharacter] = call.args;
  if (value === undefined || value.kind === 'literal' || pattern?.kind !== 'literal') return undefined;
  const operand = toOperand(value, translation);
  if (operand === undefined || !isText(operand.type)) return undefined;
  if (pattern.value === null) return NEVER;
  if (typeof pattern.value !== 'string') return undefined;
  if (call.function === 'like' && escapeCharacter?.kind === 'literal' && escapeCharacter.value === null) return NEVER;
  const stated = call.function === 'like' ? canonicalLike(call) : call;
  if (stated === undefined) return undefined;
  const write = (sql: string): string | undefined => writeMatch(stated, sql, operand.column, translation);
  const { pattern: meaning, asBytes, patternAsBytes } = operand.semantics;
  const negation = wanted === 'true' ? '' : 'NOT ';
  const plain = write(operand.sql);
  if (plain === undefined) return undefined;
  if (meaning === 'same') return exactly(`${negation}${plain}`);
  const toBytes = patternAsBytes === undefined ? asBytes : (patternAsBytes ?? undefined);
  if (toBytes !== undefined) {
    const bytes = write(toBytes(operand.sql));
    if (bytes === undefined) return undefined;
    const canNarrow = wanted === 'true' && meaning === 'wider' && hasPrefix(stated);
    return exactly(canNarrow ? `(${plain} AND ${bytes})` : `${negation}${bytes}`);
  }
  return meaning === 'wider' && wanted === 'true' ? { sql: plain, degree: 'inexact' } : undefined;
}

/** The same pattern with an escape that every source understands alike. */
function canonicalLike(call: CallExpr): CallExpr | undefined {
  const parts = likePartsOf(call);
  if (parts === undefined) return undefined;
  const { pattern, escapeCharacter } = writeLikePattern(parts);
  return { ...call, args: [call.args[0]!, text(pattern), text(escapeCharacter)] };
}

function text(value: string): Expr {
  return { kind: 'literal', value, type: dataTypes.utf8() };
}

function writeMatch(
  call: CallExpr,
  sql: string,
  column: SourceColumn | undefined,
  translation: Translation,
): string | undefined {
  const { dialect } = translation;
  const rest: string[] = [];
  for (const arg of call.args.slice(1)) {
    if (arg.kind !== 'literal') return undefined;
    const parameter = { value: arg.value, type: arg.type, ...(column !== undefined && { column }) };
    if (!canBind(parameter, dialect)) return undefined;
    rest.push(translation.bind(parameter));
  }
  return dialect.functions[call.function]?.({ call, args: [sql, ...rest], bind: translation.bind });
}

/** An index can look for a pattern only where it begins with a text. */
function hasPrefix(call: CallExpr): boolean {
  if (call.function === 'starts_with') return true;
  const first: PatternPart | undefined = call.function === 'like' ? likePartsOf(call)?.[0] : undefined;
  return first?.kind === 'text';
}
