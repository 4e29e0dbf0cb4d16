import type { Catalog } from '@millrace/core';
import { createTable } from './create-table.ts';
import type { DatabaseFile } from './database-file.ts';
import { describeTable, listSchemas, listTables } from './describe-table.ts';
import type { ScanMetrics } from './metrics.ts';

/** Opens the catalog of a database file: its schemas, and the tables and views in them. It owns nothing. */
export function createDuckDbCatalog(source: {
  readonly file: DatabaseFile;
  readonly component: string;
  readonly metrics: ScanMetrics;
}): Catalog {
  const { file, component } = source;
  return {
    async *namespaces(parent, { signal }) {
      if (parent.length > 0) return;
      for (const name of await file.use({ component, signal }, listSchemas)) yield [name];
    },
    async *tables(namespace, { signal }) {
      const [schemaName] = namespace;
      if (namespace.length !== 1) return;
      for (const { name, tableType } of await file.use({ component, signal }, listTables)) {
        if (name.schemaName === schemaName)
          yield { reference: { namespace: [name.schemaName], name: name.table }, tableType };
      }
    },
    async table(reference, { signal }) {
      const [schemaName] = reference.namespace;
      if (schemaName === undefined || reference.namespace.length !== 1) return undefined;
      return file.use({ component, signal }, async (connection, version) => {
        const description = await describeTable(connection, { schemaName, table: reference.name });
        // DuckDB has no two names that differ by case alone, and a catalog takes names as they are written.
        const isSame = description?.name.table === reference.name && description.name.schemaName === schemaName;
        return isSame ? createTable({ ...source, description, isWhole: true, version }) : undefined;
      });
    },
    async [Symbol.asyncDispose]() {},
  };
}
