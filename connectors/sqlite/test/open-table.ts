import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rowArraysFromBatch } from '@millrace/arrow';
import {
  type DataConnector,
  type DatasetSource,
  type ExecutionPlan,
  type Parameters,
  type Partition,
  type PluginContext,
  resolveParameters,
  type ScanContext,
  type ScanRequest,
  type TableProvider,
} from '@millrace/core';
import Database from 'better-sqlite3';
import { sqliteConnector } from '../src/index.ts';

/** A folder of the test's own, and what makes and reads databases in it. */
export interface Workbench extends AsyncDisposable {
  readonly folder: string;
  readonly connector: DataConnector;
  /** Creates (or opens) a database file and runs statements in it. */
  write(file: string, ...statements: readonly string[]): string;
  table(file: string, path: string, options?: TableOptions): Promise<TableProvider>;
}

/** What may differ from table to table. */
export interface TableOptions {
  readonly params?: Readonly<Record<string, string>>;
  readonly schema?: DatasetSource['schema'];
}

const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

/** Opens a workbench; disposing it closes the connector and removes the folder. */
export async function openWorkbench(): Promise<Workbench> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-sqlite-'));
  const context: PluginContext = { signal: new AbortController().signal, logger: SILENT, baseDirectory: folder };
  const connector = await sqliteConnector.create(parametersOf({ file: 'none' }), context);
  return {
    folder,
    connector,
    write(file, ...statements) {
      const path = join(folder, file);
      const database = new Database(path);
      try {
        for (const statement of statements) database.exec(statement);
      } finally {
        database.close();
      }
      return path;
    },
    table: (file, path, { params = {}, schema } = {}) =>
      connector.readProvider(
        { name: 'test', path, parameters: parametersOf({ file, ...params }), ...(schema && { schema }) },
        context,
      ),
    async [Symbol.asyncDispose]() {
      await connector.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Resolves parameters by their names without the prefix. */
export function parametersOf(values: Readonly<Record<string, string>>): Parameters {
  return resolveParameters({
    specs: sqliteConnector.parameters,
    prefix: sqliteConnector.prefix,
    given: new Map(Object.entries(values).map(([name, text]) => [`sqlite_${name}`, { text }])),
    component: 'dataset test',
    connector: 'sqlite',
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
  for (const partition of plan.partitions)
    for (const row of await readPartition(plan, partition, context)) rows.push(row);
  return rows;
}

/** The rows of one partition. */
export async function readPartition(
  plan: ExecutionPlan,
  partition: Partition,
  context: ScanContext = scanContext(),
): Promise<unknown[][]> {
  const rows: unknown[][] = [];
  for await (const batch of plan.execute(partition, context)) {
    for (const row of rowArraysFromBatch(batch)) rows.push([...row]);
  }
  return rows;
}

/** All rows of a table, or what a request asks of it. */
export async function readTable(table: TableProvider, request: Partial<ScanRequest> = {}): Promise<unknown[][]> {
  return readPlan(await table.scan({ ...wholeTable(table), ...request }, scanContext()));
}
