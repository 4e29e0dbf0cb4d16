import { MillraceError } from '@millrace/core';

/** NAMEDATALEN - 1: the server cuts longer names off without an error. */
const MAX_BYTES = 63;

/**
 * Quotes a name exactly as written.
 *
 * @throws MillraceError `invalid_argument` for a name that no object of the server can have: empty, with a NUL, or longer than 63 bytes.
 */
export function quoteIdentifier(name: string): string {
  const problem =
    name === ''
      ? 'a name is empty'
      : name.includes('\0')
        ? 'a name holds a NUL character'
        : Buffer.byteLength(name) > MAX_BYTES
          ? `the name ${JSON.stringify(name)} is longer than ${MAX_BYTES} bytes`
          : undefined;
  if (problem === undefined) return `"${name.replaceAll('"', '""')}"`;
  throw new MillraceError({
    code: 'invalid_argument',
    component: 'postgres identifier',
    connector: 'postgres',
    message: problem,
    hint: 'Names of PostgreSQL have 1 to 63 bytes',
  });
}
