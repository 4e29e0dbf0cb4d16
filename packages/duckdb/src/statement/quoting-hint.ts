/** Words of DuckDB's grammar that columns are often called, too. Source: `duckdb_keywords()`, without the unreserved ones. */
const WORDS: ReadonlySet<string> = new Set(
  'at check column default desc distinct end from full group left like limit offset order primary references right table to user values when'.split(
    ' ',
  ),
);

/** What to do where a syntax error is at, or right behind, a word that may have been meant as a name. */
export function quotingHint(sql: string, offset: number): string | undefined {
  const here = /^\w+/.exec(sql.slice(offset))?.[0];
  const before = /(\w+)\s*$/.exec(sql.slice(0, offset))?.[1];
  const word = [before, here].find((candidate) => candidate !== undefined && WORDS.has(candidate.toLowerCase()));
  return word && `${word} is a word of SQL: where it is a name, write "${word}"`;
}
