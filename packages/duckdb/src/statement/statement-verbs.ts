import { asciiLowerCase } from './ascii-lower-case.ts';
import { REACHABLE } from './refusal.ts';
import type { SqlToken } from './sql-token.ts';

const CONFIGURE = 'Datasets are defined in the configuration, not in SQL';
const SETTINGS = 'Settings belong to the configuration of the runtime';
const WRITES = 'Queries only read';

const HINTS: Readonly<Record<string, string>> = {
  alter: CONFIGURE,
  attach: CONFIGURE,
  comment: CONFIGURE,
  create: CONFIGURE,
  detach: CONFIGURE,
  drop: CONFIGURE,
  use: CONFIGURE,
  copy: 'To export a result, read it from the stream of batches, or use the command line with --format',
  export: 'To export a result, read it from the stream of batches, or use the command line with --format',
  import: CONFIGURE,
  install: SETTINGS,
  load: SETTINGS,
  pragma: SETTINGS,
  reset: SETTINGS,
  set: SETTINGS,
  delete: WRITES,
  insert: WRITES,
  merge: WRITES,
  truncate: WRITES,
  update: WRITES,
  begin: 'Every query is a transaction of its own',
  start: 'Every query is a transaction of its own',
  abort: 'Every query is a transaction of its own',
  commit: 'Every query is a transaction of its own',
  end: 'Every query is a transaction of its own',
  rollback: 'Every query is a transaction of its own',
  deallocate: 'Give the parameters with the query',
  execute: 'Give the parameters with the query',
  prepare: 'Give the parameters with the query',
  pivot: 'Use aggregates with FILTER instead',
  pivot_wider: 'Use aggregates with FILTER instead',
};

const WRITING_VERBS: ReadonlySet<string> = new Set(['delete', 'insert', 'merge', 'update']);

/** Says what a statement that is no SELECT wants, and what to do instead. */
export function verbRefusal(
  sql: string,
  tokens: readonly SqlToken[],
): { readonly message: string; readonly hint: string; readonly offset: number } {
  const words = tokens.filter(({ kind }) => kind === 'word').map((token) => ({ token, word: wordOf(sql, token) }));
  const [first] = words;
  const pivot = words.find(({ word }) => word === 'pivot' || word === 'pivot_wider');
  const verb = first?.word === 'with' ? (words.find(({ word }) => WRITING_VERBS.has(word)) ?? pivot ?? first) : first;
  const culprit = verb === undefined || HINTS[verb.word] === undefined ? (pivot ?? verb) : verb;
  const name = culprit?.word.toUpperCase() ?? 'This statement';
  return {
    message: `${name} is not allowed`,
    hint: HINTS[culprit?.word ?? ''] ?? `Write a SELECT; ${REACHABLE.charAt(0).toLowerCase()}${REACHABLE.slice(1)}`,
    offset: culprit?.token.start ?? 0,
  };
}

/** A token's text as a keyword. */
export function wordOf(sql: string, token: SqlToken): string {
  return asciiLowerCase(sql.slice(token.start, token.end));
}
