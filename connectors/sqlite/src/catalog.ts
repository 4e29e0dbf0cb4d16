import type { Catalog, ScanContext } from '@millrace/core';
import { type ConflictAction, classifySqliteError, type ScanMetrics, type WorkerPool } from '@millrace/sqlite';
import { createTable } from './create-table.ts';
import { describeTable } from './describe-table.ts';

/** Opens the catalog of a database file: one namespace, `main`. Tables that virtual tables keep for themselves are not listed. */
export function createSqliteCatalog(source: {
  readonly pool: WorkerPool;
  readonly component: string;
  readonly metrics: ScanMetrics;
  readonly onConflict: ConflictAction;
}): Catalog {
  const { pool, component } = source;
  const isMain = (namespace: readonly string[]): boolean => namespace.length === 1 && namespace[0] === 'main';
  return {
    async *namespaces(parent) {
      if (parent.length === 0) yield ['main'];
    },
    async *tables(namespace, context) {
      if (!isMain(namespace)) return;
      for (const { name, isView } of await listTables(pool, component, context)) {
        yield { reference: { namespace: ['main'], name }, tableType: isView ? 'view' : 'base' };
      }
    },
    async table(reference, { signal }) {
      if (!isMain(reference.namespace)) return undefined;
      try {
        const description = await pool.use(component, signal, (client) =>
          describeTable({ client, name: reference.name, onConflict: source.onConflict, component }),
        );
        return description?.name === reference.name ? createTable({ ...source, description }) : undefined;
      } catch (error) {
        throw classifySqliteError(error, { component, file: pool.path });
      }
    },
    async [Symbol.asyncDispose]() {},
  };
}

/** The tables and views of a database, by name. */
export async function listTables(
  pool: WorkerPool,
  component: string,
  { signal }: Pick<ScanContext, 'signal'>,
): Promise<readonly { readonly name: string; readonly isView: boolean }[]> {
  try {
    const [rows = []] = await pool.use(component, signal, (client) =>
      client.rows([
        {
          sql: "SELECT name, type FROM pragma_table_list WHERE schema = 'main' AND type <> 'shadow' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
          parameters: [],
        },
      ]),
    );
    return rows.map(([name, type]) => ({ name: String(name), isView: type === 'view' }));
  } catch (error) {
    throw classifySqliteError(error, { component, file: pool.path });
  }
}
