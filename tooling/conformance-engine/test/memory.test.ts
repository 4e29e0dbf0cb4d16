import { type ConnectorSubject, testConnector } from '@millrace/conformance';
import { memoryConnector, memoryDatabase } from '@millrace/connector-memory';
import * as vitest from 'vitest';
import { runtimeEngine } from '../src/index.ts';

let opened = 0;

async function openMemory(): Promise<ConnectorSubject> {
  opened += 1;
  const name = `conformance ${opened}`;
  const database = memoryDatabase(name);
  const locate = (table: string) => ({ name: table, path: table, reference: { namespace: [], name: table } });
  return {
    plugin: memoryConnector,
    parameters: { memory_database: name },
    source: {
      present: (field) => field,
      reportsPrimaryKeys: true,
      missingTable: locate,
      async createTable({ name: table, schema, rows, primaryKey, partitionCount }) {
        if (table.includes('.')) return { refused: 'a dot separates namespaces' };
        database.put(table, {
          schema,
          rows,
          ...(primaryKey && { primaryKey }),
          ...(partitionCount && { partitionCount }),
        });
        return locate(table);
      },
    },
    async close() {
      database.clear();
    },
  };
}

testConnector({
  runner: vitest,
  name: 'memory',
  capabilities: {
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
  },
  open: openMemory,
  engine: runtimeEngine,
});
