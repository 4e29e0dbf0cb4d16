import { createLiteralReader, type LiteralLike, rowArraysFromBatch } from '@millrace/arrow';
import {
  checkPlan,
  type DataConnector,
  type DatasetSource,
  type ExecutionPlan,
  isMillraceError,
  type Logger,
  type MillraceError,
  type Parameters,
  type RecordBatch,
  resolveParameters,
  type ScanContext,
  type ScanRequest,
  type TableProvider,
} from '@millrace/core';
import type { PostgresDatabase, PostgresServer } from '@millrace/services';
import { expect } from 'vitest';
import { postgresConnector } from '../src/index.ts';

/** A context that nobody aborts. */
export const CONTEXT: ScanContext = { signal: new AbortController().signal };

/** Parameters as users write them. */
export type Given = Readonly<Record<string, string>>;

/** Parameters for a database of the test's server, which has no TLS. */
export function reach({ connectionString }: { readonly connectionString: string }): Given {
  return { pg_connection_string: connectionString, pg_sslmode: 'disable' };
}

/** The same in parts, of which some may be others: the port of what stands before the server, for example. */
export function reachByParts(
  { host, port, user, password }: Pick<PostgresServer, 'host' | 'port' | 'user' | 'password'>,
  { database }: Pick<PostgresDatabase, 'database'>,
  changed: Given = {},
): Given {
  return {
    pg_host: host,
    pg_port: String(port),
    pg_db: database,
    pg_user: user,
    pg_pass: password,
    pg_sslmode: 'disable',
    ...changed,
  };
}

/** A logger that keeps its warnings. */
export function createLogger(warnings: string[] = []): Logger {
  return {
    debug: () => undefined,
    info: () => undefined,
    warn: (message) => warnings.push(message),
    error: () => undefined,
  };
}

/** Parameters as the runtime resolves them. */
export function parametersOf(given: Given): Parameters {
  return resolveParameters({
    specs: postgresConnector.parameters,
    prefix: postgresConnector.prefix,
    given: new Map(Object.entries(given).map(([name, text]) => [name, { text }])),
    component: 'dataset t',
    connector: postgresConnector.id,
  });
}

/** Opens the connector. */
export async function openConnector(given: Given, warnings?: string[]): Promise<DataConnector> {
  return await postgresConnector.create(parametersOf(given), {
    signal: CONTEXT.signal,
    logger: createLogger(warnings),
    baseDirectory: import.meta.dirname,
  });
}

/** Opens a table as a dataset called `t`. */
export async function openTable(
  connector: DataConnector,
  path: string,
  dataset: Partial<DatasetSource> = {},
): Promise<TableProvider> {
  return await connector.readProvider({ name: 't', path, parameters: parametersOf({}), ...dataset }, CONTEXT);
}

/** Plans a scan of all columns unless the request says otherwise, and checks its claims. */
export async function planOf(
  table: TableProvider,
  request: Partial<ScanRequest> = {},
  context: ScanContext = CONTEXT,
): Promise<ExecutionPlan> {
  const full: ScanRequest = { projection: table.schema.fields.map((_, ordinal) => ordinal), filters: [], ...request };
  const plan = await table.scan(full, context);
  checkPlan(full, plan);
  return plan;
}

/** All batches of a plan, partition after partition. */
export async function batchesOf(plan: ExecutionPlan, context: ScanContext = CONTEXT): Promise<RecordBatch[]> {
  const batches: RecordBatch[] = [];
  for (const partition of plan.partitions)
    for await (const batch of plan.execute(partition, context)) batches.push(batch);
  return batches;
}

/** All rows of a scan, as users see them. */
export async function rowsOf(table: TableProvider, request: Partial<ScanRequest> = {}): Promise<unknown[][]> {
  const batches = await batchesOf(await planOf(table, request));
  return batches.flatMap((batch) => [...rowArraysFromBatch(batch)].map((row) => [...row]));
}

/** The values of one column in the form of literals: exact, whatever the type. */
export async function literalsOf(table: TableProvider, ordinal: number): Promise<LiteralLike[]> {
  const batches = await batchesOf(await planOf(table, { projection: [ordinal] }));
  return batches.flatMap((batch) => {
    const read = createLiteralReader(batch.data.children[0]!);
    return Array.from({ length: batch.numRows }, (_, row) => read(row));
  });
}

/** The Millrace error that something must fail with. */
export async function errorOf(work: Promise<unknown> | (() => Promise<unknown>)): Promise<MillraceError> {
  try {
    await (typeof work === 'function' ? work() : work);
  } catch (error) {
    if (isMillraceError(error)) return error;
    throw error;
  }
  return expect.fail('nothing failed');
}
