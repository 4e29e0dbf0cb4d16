import type { Expr } from '@millrace/core';
import { predicate } from './comparison.ts';
import { expressionKey } from './expression-key.ts';

/**
 * Folds `text >= p AND text < successor(p)` back into `starts_with(text, p)`.
 *
 * The optimizer turns `LIKE 'p%'` into that range. The two are equal in byte order only: a source with a linguistic
 * collation would lose rows on the range, and knows how to look for a prefix.
 */
export function foldPrefixRanges(conjuncts: readonly Expr[]): readonly Expr[] {
  if (!conjuncts.some((conjunct) => textBound(conjunct, 'ge') !== undefined)) return conjuncts;
  const folded = [...conjuncts];
  for (const lower of conjuncts) {
    const prefix = textBound(lower, 'ge');
    if (prefix === undefined) continue;
    const end = successor(prefix.text);
    const key = expressionKey(prefix.value);
    const upper = folded.findIndex((conjunct) => {
      const bound = textBound(conjunct, 'lt');
      return bound !== undefined && bound.text === end && expressionKey(bound.value) === key;
    });
    if (upper < 0) continue;
    folded[folded.indexOf(lower)] = predicate('starts_with', [prefix.value, prefix.literal]);
    folded.splice(upper, 1);
  }
  return folded;
}

interface TextBound {
  readonly value: Expr;
  readonly literal: Expr;
  readonly text: string;
}

function textBound(expr: Expr, comparison: 'ge' | 'lt'): TextBound | undefined {
  if (expr.kind !== 'call' || expr.function !== comparison) return undefined;
  const [value, literal] = expr.args;
  if (value === undefined || literal?.kind !== 'literal' || typeof literal.value !== 'string') return undefined;
  return { value, literal, text: literal.value };
}

/** The text behind all texts with this prefix: its last code point plus one, past the surrogates, which are no characters. */
function successor(text: string): string | undefined {
  const last = Array.from(text).at(-1);
  const code = last?.codePointAt(0);
  if (last === undefined || code === undefined || code === 0x10ffff) return undefined;
  return text.slice(0, text.length - last.length) + String.fromCodePoint(code === 0xd7ff ? 0xe000 : code + 1);
}
