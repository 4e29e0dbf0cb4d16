import { setMaxListeners } from 'node:events';
import { createLiteralReader, type LiteralLike, type RowValue, rowArraysFromBatch } from '@millrace/arrow';
import {
  checkPlan,
  type DataConnector,
  type DatasetSource,
  type ExecutionPlan,
  isMillraceError,
  type Logger,
  type MillraceError,
  resolveParameters,
  type ScanContext,
  type ScanRequest,
  type TableProvider,
} from '@millrace/core';
import type { MariaDbServer } from '@millrace/services';
import { expect } from 'vitest';
import { mysqlConnector } from '../src/index.ts';

/** A context that nobody aborts. */
export const context: ScanContext = { signal: new AbortController().signal };
setMaxListeners(0, context.signal);

/** A logger that keeps its warnings. */
export function createLogger(warnings: string[] = []): Logger {
  return {
    debug: () => undefined,
    info: () => undefined,
    warn: (message) => warnings.push(message),
    error: () => undefined,
  };
}

/** Parameters as users write them. */
export type Given = Readonly<Record<string, string>>;

/** Opens the connector; without TLS, which the test's server does not offer. */
export async function openConnector(given: Given, warnings: string[] = []): Promise<DataConnector> {
  return await mysqlConnector.create(parametersOf(given), {
    signal: context.signal,
    logger: createLogger(warnings),
    baseDirectory: import.meta.dirname,
  });
}

/** Parameters that reach a server's database. */
export function reach(server: Pick<MariaDbServer, 'host' | 'port' | 'user' | 'password'>, database: string): Given {
  return {
    mysql_host: server.host,
    mysql_tcp_port: String(server.port),
    mysql_user: server.user,
    mysql_pass: server.password,
    mysql_db: database,
    mysql_sslmode: 'disabled',
  };
}

export function parametersOf(given: Given): ReturnType<typeof resolveParameters> {
  return resolveParameters({
    specs: mysqlConnector.parameters,
    prefix: mysqlConnector.prefix,
    given: new Map(Object.entries(given).map(([name, text]) => [name, { text }])),
    component: 'dataset t',
    connector: mysqlConnector.id,
  });
}

/** Opens a table as a dataset called `t`. */
export async function openTable(
  connector: DataConnector,
  path: string,
  dataset: Partial<DatasetSource> = {},
): Promise<TableProvider> {
  return await connector.readProvider({ name: 't', path, parameters: parametersOf({}), ...dataset }, context);
}

/** Plans a scan of all columns unless the request says otherwise, and checks its claims. */
export async function planOf(table: TableProvider, request: Partial<ScanRequest> = {}): Promise<ExecutionPlan> {
  const full: ScanRequest = { projection: table.schema.fields.map((_, ordinal) => ordinal), filters: [], ...request };
  const plan = await table.scan(full, context);
  checkPlan(full, plan);
  return plan;
}

/** The rows of a scan as arrays; partitions pass through JSON first. */
export async function readAll(
  table: TableProvider,
  request: Partial<ScanRequest> = {},
): Promise<readonly (readonly RowValue[])[]> {
  const plan = await planOf(table, request);
  const rows: (readonly RowValue[])[] = [];
  for (const partition of plan.partitions)
    for await (const batch of plan.execute(JSON.parse(JSON.stringify(partition)), context))
      rows.push(...rowArraysFromBatch(batch));
  return rows;
}

/** The values of a scan's first column, in the form of literals. */
export async function readLiterals(
  table: TableProvider,
  request: Partial<ScanRequest> = {},
): Promise<readonly LiteralLike[]> {
  const plan = await planOf(table, request);
  const values: LiteralLike[] = [];
  for (const partition of plan.partitions)
    for await (const batch of plan.execute(partition, context)) {
      expect(batch.schema).toEqual(plan.schema);
      const [column] = batch.data.children;
      const read = column === undefined ? () => null : createLiteralReader(column);
      for (let row = 0; row < batch.numRows; row++) values.push(read(row));
    }
  return values;
}

/** The error that a call fails with. */
export async function errorOf(run: () => Promise<unknown>): Promise<MillraceError> {
  try {
    await run();
  } catch (error) {
    if (isMillraceError(error)) return error;
    throw error;
  }
  throw new Error('the call did not fail');
}
