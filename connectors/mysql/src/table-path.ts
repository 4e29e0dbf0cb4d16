import { MillraceError } from '@millrace/core';

/** The table that stands behind `mysql:` in `from`. */
export interface TablePath {
  readonly database: string;
  readonly table: string;
}

const PART = /`((?:[^`]|``)+)`|([^.`]+)/y;

/**
 * Reads `table`, `database.table`, or either with parts in backticks where a name has dots or backticks itself.
 *
 * @throws MillraceError `invalid_argument` for any other form, and for a table without a database where `mysql_db` names none.
 */
export function parseTablePath(path: string, defaultDatabase: string | undefined, component: string): TablePath {
  const parts = splitPath(path);
  const [first, second, ...rest] = parts ?? [];
  const refuse = (message: string, hint: string): MillraceError =>
    new MillraceError({ code: 'invalid_argument', component, connector: 'mysql', message, hint });
  if (first === undefined || rest.length > 0)
    throw refuse(
      `'${path}' names no table`,
      'Write mysql:table or mysql:database.table; put a name with dots in backticks',
    );
  if (second !== undefined) return { database: first, table: second };
  if (defaultDatabase === undefined)
    throw refuse(`'${path}' names no database`, 'Write mysql:database.table, or set mysql_db');
  return { database: defaultDatabase, table: first };
}

function splitPath(path: string): readonly string[] | undefined {
  const parts: string[] = [];
  let position = 0;
  for (;;) {
    PART.lastIndex = position;
    const match = PART.exec(path);
    if (match === null) return undefined;
    parts.push(match[1]?.replaceAll('``', '`') ?? match[2]!);
    position = PART.lastIndex;
    if (position === path.length) return parts;
    if (path[position] !== '.') return undefined;
    position++;
  }
}
