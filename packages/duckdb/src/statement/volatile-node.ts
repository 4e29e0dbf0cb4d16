import { asciiLowerCase } from './ascii-lower-case.ts';
import { asItems, type SyntaxNode, textOf } from './syntax-tree.ts';

/**
 * Functions that a query may call and that can answer otherwise the next time: what `duckdb_functions()` calls `VOLATILE` or
 * `CONSISTENT_WITHIN_QUERY`, and macros over these. A test holds the list against the bundled DuckDB.
 */
export const VOLATILE_FUNCTIONS: ReadonlySet<string> = new Set([
  'ago',
  'current_date',
  'current_localtime',
  'current_localtimestamp',
  'gen_random_uuid',
  'get_current_time',
  'get_current_timestamp',
  'now',
  'random',
  'today',
  'transaction_timestamp',
  'uuid',
  'uuidv4',
  'uuidv7',
]);

/** Names that stand for a function of the clock where there is no column of that name; the parser cannot tell. */
const CLOCK_NAMES: ReadonlySet<string> = new Set([
  'current_date',
  'current_localtime',
  'current_localtimestamp',
  'current_time',
  'current_timestamp',
  'localtime',
  'localtimestamp',
]);

/**
 * Whether a node of a parsed query can make its result another one although no table has changed: a call that depends on clock or chance,
 * or a sample. A column that is called as the clock is taken for it.
 */
export function isVolatileNode(node: SyntaxNode): boolean {
  if (node.sample !== undefined && node.sample !== null) return true;
  switch (node.class) {
    case 'FUNCTION':
    case 'WINDOW': {
      const name = asciiLowerCase(textOf(node, 'function_name') ?? '');
      // With one argument, which may stand in front, it counts from today; `duckdb_functions()` does not say so.
      return VOLATILE_FUNCTIONS.has(name) || (name === 'age' && asItems(node.children).length < 2);
    }
    case 'COLUMN_REF': {
      const names = asItems(node.column_names);
      return names.length === 1 && CLOCK_NAMES.has(asciiLowerCase(String(names[0])));
    }
    default:
      return false;
  }
}
