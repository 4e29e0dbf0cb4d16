import { MillraceError } from '@millrace/core';

/** One part of a dotted name; an unquoted one is looked for as written and then in lower case, as SQL folds it. */
export interface PathPart {
  readonly text: string;
  readonly isQuoted: boolean;
}

/** A table's name behind `postgres:`. */
export interface TablePath {
  readonly database?: PathPart;
  readonly schema?: PathPart;
  readonly table: PathPart;
}

/**
 * Reads `table`, `schema.table` or `database.schema.table`; a part in double quotes may hold anything, a quote is doubled inside.
 *
 * @throws MillraceError `invalid_argument` for another form.
 */
export function parseTablePath(path: string, component: string): TablePath {
  const parts = splitPath(path);
  const [first, second, third] = parts ?? [];
  if (parts === undefined || first === undefined || parts.length > 3) {
    throw new MillraceError({
      code: 'invalid_argument',
      component,
      connector: 'postgres',
      message: `${JSON.stringify(path)} is no name of a table`,
      hint: 'Write postgres:schema.table, with double quotes around a part that holds a dot or a quote',
    });
  }
  if (third !== undefined && second !== undefined) return { database: first, schema: second, table: third };
  return second === undefined ? { table: first } : { schema: first, table: second };
}

/** The names that a part stands for, in the order in which they are tried. */
export function spellings({ text, isQuoted }: PathPart): readonly string[] {
  const folded = text.toLowerCase();
  return isQuoted || folded === text ? [text] : [text, folded];
}

function splitPath(path: string): readonly PathPart[] | undefined {
  const parts: PathPart[] = [];
  const form = /"((?:[^"]|"")+)"|([^".]+)/y;
  for (let at = 0; ; ) {
    form.lastIndex = at;
    const match = form.exec(path);
    if (match === null) return undefined;
    const [whole, quoted, plain] = match;
    parts.push(
      quoted === undefined ? { text: plain!, isQuoted: false } : { text: quoted.replaceAll('""', '"'), isQuoted: true },
    );
    at += whole.length;
    if (at === path.length) return parts;
    if (path[at] !== '.') return undefined;
    at += 1;
  }
}
