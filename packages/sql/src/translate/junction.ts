import { ALWAYS, type Condition, NEVER } from './translation.ts';

/** An AND keeps what can be said of it: a part that cannot be said leaves more rows. Undefined when nothing can be said. */
export function conjunction(parts: readonly (Condition | undefined)[]): Condition | undefined {
  const known = parts.filter((part) => part !== undefined);
  if (known.length === 0) return parts.length === 0 ? ALWAYS : undefined;
  return { sql: joinBalanced(known, ' AND '), degree: known.length < parts.length ? 'inexact' : weakest(known) };
}

/** An OR needs all its parts: one that cannot be said may hold for any row. */
export function disjunction(parts: readonly (Condition | undefined)[]): Condition | undefined {
  const known = parts.filter((part) => part !== undefined);
  if (known.length < parts.length) return undefined;
  return known.length === 0 ? NEVER : { sql: joinBalanced(known, ' OR '), degree: weakest(known) };
}

function weakest(parts: readonly Condition[]): Condition['degree'] {
  return parts.every((part) => part.degree === 'exact') ? 'exact' : 'inexact';
}

/** Parsers build a chain of ANDs as deep as it is long, and have a stack; a balanced tree of the same parts is shallow. */
const LONGEST_CHAIN = 32;

function joinBalanced(parts: readonly Condition[], separator: string): string {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only.sql;
  if (parts.length <= LONGEST_CHAIN) return `(${parts.map(({ sql }) => sql).join(separator)})`;
  const middle = parts.length >> 1;
  return `(${joinBalanced(parts.slice(0, middle), separator)}${separator}${joinBalanced(parts.slice(middle), separator)})`;
}
