import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rowArraysFromBatch } from '@millrace/arrow';
import {
  type DataConnector,
  type DatasetSource,
  type ExecutionPlan,
  type Parameters,
  type PluginContext,
  resolveParameters,
  type ScanContext,
  type ScanRequest,
  type TableProvider,
} from '@millrace/core';
import { openDatabase } from '@millrace/duckdb';
import { duckDbConnector } from '../src/index.ts';

/** A folder of the test's own, and what makes and reads databases in it. */
export interface Workbench extends AsyncDisposable {
  readonly folder: string;
  readonly connector: DataConnector;
  /** Creates (or opens) a database file, runs statements in it and closes it. */
  write(file: string, ...statements: readonly string[]): Promise<string>;
  table(file: string, path: string, schema?: DatasetSource['schema']): Promise<TableProvider>;
}

const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

/** Opens a workbench; disposing it closes the connector and removes the folder. */
export async function openWorkbench(): Promise<Workbench> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-duckdb-'));
  const context: PluginContext = { signal: new AbortController().signal, logger: SILENT, baseDirectory: folder };
  const connector = await duckDbConnector.create(parametersOf('none'), context);
  return {
    folder,
    connector,
    async write(file, ...statements) {
      const path = join(folder, file);
      await using database = await openDatabase({ path });
      await database.withConnection(async (connection) => {
        for (const statement of statements) await connection.run(statement);
      });
      return path;
    },
    table: (file, path, schema) =>
      connector.readProvider(
        { name: 'test', path, parameters: parametersOf(file), ...(schema && { schema }) },
        context,
      ),
    async [Symbol.asyncDispose]() {
      await connector.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The parameters that name a file. */
export function parametersOf(file: string): Parameters {
  return resolveParameters({
    specs: duckDbConnector.parameters,
    prefix: duckDbConnector.prefix,
    given: new Map([['duckdb_open', { text: file }]]),
    component: 'dataset test',
    connector: 'duckdb',
  });
}

/** Everything of a table. */
export function wholeTable({ schema }: TableProvider): ScanRequest {
  return { projection: schema.fields.map((_, ordinal) => ordinal), filters: [] };
}

/** A context that nobody aborts. */
export function scanContext(more: Partial<ScanContext> = {}): ScanContext {
  return { signal: new AbortController().signal, ...more };
}

/** The rows of a plan, partition by partition. */
export async function readPlan(plan: ExecutionPlan, context: ScanContext = scanContext()): Promise<unknown[][]> {
  const rows: unknown[][] = [];
  for (const partition of plan.partitions) {
    for await (const batch of plan.execute(partition, context)) {
      for (const row of rowArraysFromBatch(batch)) rows.push([...row]);
    }
  }
  return rows;
}

/** All rows of a table, or what a request asks of it. */
export async function readTable(table: TableProvider, request: Partial<ScanRequest> = {}): Promise<unknown[][]> {
  return readPlan(await table.scan({ ...wholeTable(table), ...request }, scanContext()));
}
