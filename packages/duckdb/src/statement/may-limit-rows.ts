import { tokenizeSql } from './sql-token.ts';

const CANDIDATE = /limit|offset|fetch|distinct/i;

/**
 * Tells whether a text could have a LIMIT, OFFSET, FETCH or DISTINCT ON somewhere, by its words alone: for plugins' SQL, which reads
 * files and so cannot be inspected. A column of such a name counts as well.
 */
export function mayLimitRows(sql: string): boolean {
  if (!CANDIDATE.test(sql)) return false;
  let previous = '';
  for (const { kind, start, end } of tokenizeSql(sql)) {
    const word = kind === 'word' ? sql.slice(start, end).toLowerCase() : '';
    if (word === 'limit' || word === 'offset' || word === 'fetch') return true;
    if (word === 'on' && previous === 'distinct') return true;
    previous = word;
  }
  return false;
}
