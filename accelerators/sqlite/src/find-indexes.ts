import type { Query, WorkerPool } from '@millrace/sqlite';

/** `SEARCH t USING COVERING INDEX name (a=?)`; an automatic index is made for one statement. Source: https://www.sqlite.org/eqp.html */
const SEARCH = /^SEARCH .* USING (?:COVERING )?(INDEX (.+?)|INTEGER PRIMARY KEY|PRIMARY KEY)(?: \(|$)/;

/** The indexes and keys by which SQLite looks up the rows of a statement, as its own plan says. @throws MillraceError `cancelled`. */
export async function findIndexes(
  pool: WorkerPool,
  { sql, parameters }: Query,
  { component, signal }: { readonly component: string; readonly signal: AbortSignal },
): Promise<readonly string[]> {
  const query: Query = { sql: `EXPLAIN QUERY PLAN ${sql}`, parameters };
  const [steps = []] = await pool.use(component, signal, (client) => client.rows([query]));
  return steps.flatMap((step) => {
    const found = SEARCH.exec(String(step[3]));
    return found ? [found[2] ?? found[1] ?? ''] : [];
  });
}
