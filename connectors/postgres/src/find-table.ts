import { MillraceError, nearestName } from '@millrace/core';
import { quoteIdentifier, type Session } from '@millrace/postgres';
import { readTables } from './read-tables.ts';
import type { PostgresTable } from './table-description.ts';
import { type PathPart, parseTablePath, spellings } from './table-path.ts';
import { FIND_SQL, LIST_SQL } from './table-queries.ts';

/** A table that is looked for by the name that a user wrote. */
export interface FindRequest {
  readonly path: string;
  readonly component: string;
  /** The database that the connection is for. */
  readonly database: string;
}

/**
 * Finds a table, in the schema that its name tells or along the role's search path.
 *
 * @throws MillraceError `not_found` with the nearest name, `unauthorized`, `invalid_argument` for names that cannot be.
 */
export async function findTable(session: Session, { path, component, database }: FindRequest): Promise<PostgresTable> {
  const { database: stated, schema, table } = parseTablePath(path, component);
  for (const part of [stated, schema, table]) if (part !== undefined) quoteIdentifier(part.text);
  if (stated !== undefined && !spellings(stated).includes(database)) {
    throw new MillraceError({
      code: 'invalid_argument',
      component,
      connector: 'postgres',
      message: `the connection is for the database ${database}, not for ${stated.text}`,
      hint: 'A connection sees one database: set pg_db, or leave the database out of the name',
    });
  }
  const schemas = schema === undefined ? null : spellings(schema);
  const [found] = await session.rows<{ readonly oid: number }>(FIND_SQL, [schemas, spellings(table)]);
  if (found === undefined) throw await notFound(session, { schemas, table, component });
  const [described] = await readTables(session, [found.oid]);
  if (described === undefined) throw await notFound(session, { schemas, table, component });
  requireReadable(described, component);
  return described;
}

/** @throws MillraceError `unauthorized` when the role may read no column. */
export function requireReadable({ isReadable, reference }: PostgresTable, component: string): void {
  if (isReadable) return;
  const name = [...reference.namespace, reference.name].map(quoteIdentifier).join('.');
  throw new MillraceError({
    code: 'unauthorized',
    component,
    connector: 'postgres',
    message: `the role may not read ${name}`,
    hint: `GRANT SELECT ON ${name} to the role`,
  });
}

async function notFound(
  session: Session,
  request: { readonly schemas: readonly string[] | null; readonly table: PathPart; readonly component: string },
): Promise<MillraceError> {
  const { schemas, table, component } = request;
  const names = await session.rows<{ readonly schema: string; readonly name: string }>(LIST_SQL, [schemas]);
  // Of equally near names the first wins: those that need no quotes.
  const candidates = names
    .map(({ name }) => name)
    .sort((left, right) => Number(isPlain(right)) - Number(isPlain(left)));
  const nearest = nearestName(table.text, candidates);
  const where = schemas === null ? 'on the search path' : `in the schema ${schemas[0]}`;
  const known = names.find(({ name }) => name === nearest);
  return new MillraceError({
    code: 'not_found',
    component,
    connector: 'postgres',
    message: `there is no table ${JSON.stringify(table.text)} ${where}`,
    hint:
      known === undefined
        ? names.length === 0
          ? 'Check the schema: nothing in it can be read'
          : 'Check the name behind postgres:'
        : `Did you mean ${known.schema}.${known.name}?`,
  });
}

function isPlain(name: string): boolean {
  return name === name.toLowerCase();
}
