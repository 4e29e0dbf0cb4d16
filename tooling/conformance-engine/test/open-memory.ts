import type { ConnectorCapabilities, ConnectorSubject } from '@millrace/conformance';
import { memoryConnector, memoryDatabase } from '@millrace/connector-memory';
import type { ConnectorPlugin } from '@millrace/core';

/** What the manifest of the memory connector does not list, as these are no abilities of a source. */
export const MEMORY_CAPABILITIES: ConnectorCapabilities = {
  pushdown: { filters: 'exact', order: true, limit: 'exact', offset: true, aggregate: 'complete', sample: true },
  partitions: true,
  snapshot: true,
  statistics: true,
  metadataColumns: true,
  write: ['append', 'overwrite', 'overwrite_where', 'overwrite_partitions', 'upsert'],
  mutate: ['delete', 'update', 'truncate'],
  changes: true,
  catalog: true,
  timeTravel: true,
  partitionAdmin: true,
  nativeRelation: 'batches',
};

let opened = 0;

/** A database in memory of its own, read through the memory connector or a mutant of it. */
export async function openMemory(plugin: ConnectorPlugin = memoryConnector): Promise<ConnectorSubject> {
  opened += 1;
  const name = `conformance ${opened}`;
  const database = memoryDatabase(name);
  const locate = (table: string) => ({ name: table, path: table, reference: { namespace: [], name: table } });
  return {
    plugin,
    parameters: { memory_database: name },
    source: {
      present: (field) => field,
      reportsPrimaryKeys: true,
      missingTable: locate,
      async createTable({ name: table, schema, rows, primaryKey, partitionCount }) {
        if (table.includes('.')) return { refused: 'a dot separates namespaces' };
        const parts = partitionCount !== undefined && { partitionCount };
        database.put(table, { schema, rows, ...(primaryKey && { primaryKey }), ...parts });
        return locate(table);
      },
    },
    async close() {
      database.clear();
    },
  };
}
