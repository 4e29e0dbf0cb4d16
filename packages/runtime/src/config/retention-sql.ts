import { type SqlToken, tokenizeSql } from '@millrace/duckdb';
import { parseTableName, toComparisonKey } from './table-name.ts';

/**
 * The condition of `DELETE FROM <dataset> WHERE <condition>`; undefined for anything else, and for another dataset. Whether the condition
 * can be evaluated is for the engine to say.
 */
export function parseRetentionSql(text: string, dataset: Parameters<typeof toComparisonKey>[0]): string | undefined {
  const tokens = [...tokenizeSql(text)];
  const textOf = (token: SqlToken | undefined) => (token ? text.slice(token.start, token.end) : '');
  while (textOf(tokens.at(-1)) === ';') tokens.pop();
  if (tokens.some((token) => token.kind === 'symbol' && textOf(token) === ';')) return undefined;
  const wordAt = (index: number) => (tokens[index]?.kind === 'word' ? textOf(tokens[index]).toLowerCase() : '');
  if (wordAt(0) !== 'delete' || wordAt(1) !== 'from') return undefined;
  const where = [3, 5].find((index) => wordAt(index) === 'where');
  const [first, last] = [tokens[2], tokens.at(-1)];
  if (where === undefined || !first || !last || tokens.length === where + 1) return undefined;
  const name = parseTableName(text.slice(first.start, tokens[where - 1]!.end));
  if (name.kind !== 'name' || toComparisonKey(name.name) !== toComparisonKey(dataset)) return undefined;
  return isBalanced(tokens.slice(where + 1).map(textOf)) ? text.slice(tokens[where]!.end, last.end).trim() : undefined;
}

/** Whether every parenthesis is closed behind its opening, so that the condition stays one in parentheses of its own. */
function isBalanced(tokens: readonly string[]): boolean {
  let depth = 0;
  for (const token of tokens) {
    depth += token === '(' ? 1 : token === ')' ? -1 : 0;
    if (depth < 0) return false;
  }
  return depth === 0;
}
