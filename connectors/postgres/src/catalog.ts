import type { Catalog, ScanContext, TableListing, TableProvider, TableReference } from '@millrace/core';
import type { PostgresClient } from '@millrace/postgres';
import { createTable } from './create-table.ts';
import { requireReadable } from './find-table.ts';
import type { ReadOptions } from './read-column.ts';
import { readTables } from './read-tables.ts';
import type { PostgresTable } from './table-description.ts';
import { FIND_SQL, LIST_SQL, SCHEMAS_SQL } from './table-queries.ts';

/** Tables that are described together. */
const PAGE_TABLES = 500;

interface ListedTable {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly kind: string;
  readonly persistence: string;
}

/** What a catalog needs. */
export interface CatalogRequest extends Omit<ReadOptions, 'component'> {
  readonly client: PostgresClient;
  readonly component: string;
}

/**
 * The schemas of the database and their tables. A schema is listed with one statement; after that its tables are described by the hundreds,
 * when the first of them is asked for, and kept until `invalidate`.
 */
export function createCatalog(request: CatalogRequest): Catalog {
  const { client, component } = request;
  /** Listed and not yet described, by schema. */
  const listed = new Map<string, ListedTable[]>();
  const described = new Map<string, PostgresTable>();
  const use = { component };

  const describePage = async (schema: string, name: string, signal: AbortSignal): Promise<void> => {
    const waiting = listed.get(schema) ?? [];
    const position = waiting.findIndex((table) => table.name === name);
    if (position < 0) return;
    const page = waiting.splice(position, PAGE_TABLES);
    const tables = await client.use({ ...use, signal }, (session) =>
      readTables(
        session,
        page.map(({ oid }) => oid),
      ),
    );
    for (const table of tables) described.set(keyOf(table.reference), table);
  };

  const describeOne = async ({ namespace, name }: TableReference, signal: AbortSignal): Promise<void> => {
    const [table] = await client.use({ ...use, signal }, async (session) => {
      const [found] = await session.rows<{ readonly oid: number }>(FIND_SQL, [namespace, [name]]);
      return found === undefined ? [] : await readTables(session, [found.oid]);
    });
    if (table !== undefined) described.set(keyOf(table.reference), table);
  };

  return {
    async *namespaces(parent, { signal }: ScanContext) {
      if (parent.length > 0) return;
      const rows = await client.use({ ...use, signal }, (session) =>
        session.rows<{ readonly name: string }>(SCHEMAS_SQL, []),
      );
      for (const { name } of rows) yield [name];
    },
    async *tables(namespace, { signal }: ScanContext): AsyncGenerator<TableListing> {
      if (namespace.length !== 1) return;
      const rows = await client.use({ ...use, signal }, (session) => session.rows<ListedTable>(LIST_SQL, [namespace]));
      listed.set(
        namespace[0]!,
        rows.filter((row) => !described.has(keyOf({ namespace, name: row.name }))),
      );
      for (const { name, kind, persistence } of rows) {
        const tableType = kind === 'v' || kind === 'm' ? 'view' : persistence === 't' ? 'temporary' : 'base';
        yield { reference: { namespace, name }, tableType };
      }
    },
    async table(reference, { signal }): Promise<TableProvider | undefined> {
      const [schema] = reference.namespace;
      if (schema === undefined || reference.namespace.length !== 1) return undefined;
      const key = keyOf(reference);
      if (!described.has(key)) await describePage(schema, reference.name, signal);
      if (!described.has(key)) await describeOne(reference, signal);
      const table = described.get(key);
      if (table === undefined) return undefined;
      const name = `${component} table ${schema}.${reference.name}`;
      requireReadable(table, name);
      return createTable({ ...request, table, component: name });
    },
    invalidate(reference) {
      if (reference === undefined) {
        described.clear();
        listed.clear();
      } else {
        described.delete(keyOf(reference));
      }
    },
    async [Symbol.asyncDispose]() {
      described.clear();
      listed.clear();
    },
  };
}

function keyOf({ namespace, name }: TableReference): string {
  return JSON.stringify([...namespace, name]);
}
