import { createLiteralReader } from '@millrace/arrow';
import { dataTypes, field, type Schema } from '@millrace/core';
import { createDecoder, type RowStatement, type Session } from '@millrace/postgres';

const PLAN: Schema = { fields: [field('QUERY PLAN', dataTypes.utf8())] };
/** The object identifier of the type text. Source: pg_type.dat of PostgreSQL. */
const TEXT_OID = 25;
/** `Index Scan using name on …`, `Index Only Scan Backward using name on …`, `Bitmap Index Scan on name`. */
const INDEX_SCAN = /(?:Index (?:Only )?Scan (?:Backward )?using|Bitmap Index Scan on) ("(?:[^"]|"")+"|\S+)/;

/** The indexes by which the server would look up the rows of a statement, as its plan says. @throws what the session throws. */
export async function findIndexes(
  session: Session,
  statement: RowStatement,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const explained: RowStatement = {
    ...statement,
    sql: `EXPLAIN (COSTS OFF) ${statement.sql}`,
    schema: PLAN,
    decoders: [
      createDecoder({ kind: 'bytes', oid: TEXT_OID, form: 'plain', type: dataTypes.utf8() }, (what) => {
        throw new TypeError(`the server's plan holds ${what}`);
      }),
    ],
    wireColumnCount: 1,
    checkColumns: () => {},
  };
  const used: string[] = [];
  for await (const { numRows, data } of session.stream(explained, signal, () => {})) {
    const [column] = data.children;
    if (!column) continue;
    const read = createLiteralReader(column);
    for (let row = 0; row < numRows; row++) {
      const name = INDEX_SCAN.exec(String(read(row)))?.[1];
      if (name !== undefined) used.push(name);
    }
  }
  return used;
}
