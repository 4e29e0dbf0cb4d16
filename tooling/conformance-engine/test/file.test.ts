import { mkdtemp, rm, stat, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { batchFromRows } from '@millrace/arrow';
import { type ConnectorSubject, type SourceTable, testConnector } from '@millrace/conformance';
import { fileConnector } from '@millrace/connector-file';
import { type DataType, dataTypes, type IntervalValue, TimeUnit, TypeId } from '@millrace/core';
import { loadBatches, openDatabase, quoteIdentifier, toDuckDbType } from '@millrace/duckdb';
import * as vitest from 'vitest';
import { runtimeEngine } from '../src/index.ts';

/** A folder of Parquet files, written by DuckDB; a table is one file, or one for each part. */
async function openFolder(): Promise<ConnectorSubject> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-conformance-'));
  const writer = await openDatabase({ path: ':memory:', settings: { TimeZone: 'UTC' } });
  const numbers = new Map<string, number>();
  const locate = (name: string) => ({ name, path: `${name}.parquet` });

  const write = async ({ name, schema, rows, partitionCount = 1 }: SourceTable) => {
    if (name.includes('/') || name.includes('\0')) return { refused: 'a slash separates folders' };
    const parts = Math.min(partitionCount, Math.max(rows.length, 1));
    const size = Math.ceil(rows.length / parts);
    await writer.withConnection(async (connection) => {
      for (let part = 0; part < parts; part += 1) {
        const file = parts === 1 ? `${name}.parquet` : `${name}_${part}.parquet`;
        numbers.set(file, numbers.size);
        const table = `t${numbers.size}_${part}`;
        const columns = schema.fields.map((field) => `${quoteIdentifier(field.name)} ${toDuckDbType(field)}`);
        await connection.run(`CREATE OR REPLACE TABLE ${table} (${columns.join(', ')})`);
        const batch = batchFromRows(schema, rows.slice(part * size, (part + 1) * size));
        await loadBatches({ connection, target: table, schema, batches: [batch] });
        await connection.run(
          `COPY ${table} TO '${join(folder, file).replaceAll("'", "''")}' (FORMAT parquet, ROW_GROUP_SIZE 2048)`,
        );
        await connection.run(`DROP TABLE ${table}`);
      }
    });
    return parts === 1 ? locate(name) : { name, path: `${name}_*.parquet` };
  };

  return {
    plugin: fileConnector,
    parameters: {},
    baseDirectory: folder,
    source: {
      // A Parquet column never promises that it holds no nulls.
      present: (field) => ({ ...field, nullable: true, type: presentType(field.type) }),
      // Parquet has no negative intervals.
      holds: ({ type }, value) => type.typeId !== TypeId.Interval || (value as IntervalValue).months >= 0,
      missingTable: locate,
      createTable: write,
      async corrupt({ path }) {
        const file = join(folder, path);
        await truncate(file, (await stat(file)).size - 20);
      },
    },
    async close() {
      await writer.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** What DuckDB writes and reads again: one type of text, and timestamps in microseconds or nanoseconds. */
function presentType(type: DataType): DataType {
  if (type.typeId === TypeId.LargeUtf8) return dataTypes.utf8();
  const isCoarse = type.unit === TimeUnit.Second || type.unit === TimeUnit.Millisecond;
  return type.typeId === TypeId.Timestamp && isCoarse ? dataTypes.timestamp(TimeUnit.Microsecond) : type;
}

testConnector({
  runner: vitest,
  name: 'file',
  capabilities: {
    pushdown: { filters: 'exact', order: true, limit: 'exact', offset: true },
    partitions: true,
    statistics: true,
    nativeRelation: 'sql',
  },
  open: openFolder,
  engine: runtimeEngine,
});
