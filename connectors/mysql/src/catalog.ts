import {
  type Catalog,
  type Logger,
  MillraceError,
  nearestName,
  type ScanContext,
  type Schema,
  type TableProvider,
  type UnsupportedTypeAction,
} from '@millrace/core';
import type { Lease } from './client/connection-pool.ts';
import { runQuery } from './client/run-query.ts';
import { createMysqlTable } from './create-mysql-table.ts';
import { quoteIdentifier } from './dialect.ts';
import { inspectTables, listDatabases, listTables, type TableDescription } from './inspect-tables.ts';
import { mapColumns } from './map-columns.ts';
import type { TableSettings } from './mysql-settings.ts';
import type { MysqlSource } from './mysql-table.ts';
import type { TablePath } from './table-path.ts';

/** How tables are opened. */
export interface OpenRequest extends Omit<MysqlSource, 'server'> {
  readonly component: string;
  readonly logger: Logger;
  readonly settings: TableSettings;
  readonly unsupportedTypeAction: UnsupportedTypeAction;
  readonly declared?: Schema;
}

/** Databases that hold no data of users. */
const SYSTEM: ReadonlySet<string> = new Set(['information_schema', 'mysql', 'performance_schema', 'sys']);

/** Finds a table by its name. @throws MillraceError `not_found` with the nearest name, or `unauthorized`. */
export async function openTable(
  path: TablePath,
  request: OpenRequest,
  { signal }: ScanContext,
): Promise<TableProvider> {
  const { pool, component } = request;
  return await pool.use(component, signal, async (lease) => {
    checkNames(path);
    const description = await describeTable(path, lease);
    if (description === undefined) throw await missingTable(path, lease, component);
    return createProvider(description, request, lease);
  });
}

/** The databases of a server as namespaces, and their tables and views. */
export function createMysqlCatalog(request: OpenRequest): Catalog {
  const { pool, component } = request;
  /** Databases whose tables were listed: whoever lists them opens many, so that all are described at once. */
  const listed = new Set<string>();
  const described = new Map<string, Promise<ReadonlyMap<string, TableDescription>>>();
  const use = <T>({ signal }: ScanContext, work: (lease: Lease) => Promise<T>): Promise<T> =>
    pool.use(component, signal, work);

  const describeAll = (database: string, context: ScanContext): Promise<ReadonlyMap<string, TableDescription>> => {
    const known = described.get(database);
    if (known !== undefined) return known;
    const work = use(context, ({ connection }) => inspectTables(connection, { database }));
    described.set(database, work);
    work.catch(() => described.delete(database));
    return work;
  };

  return {
    async *namespaces(parent, context) {
      if (parent.length > 0) return;
      const names = await use(context, ({ connection }) => listDatabases(connection));
      for (const name of names) if (!SYSTEM.has(name.toLowerCase())) yield [name];
    },
    async *tables(namespace, context) {
      const [database, ...rest] = namespace;
      if (database === undefined || rest.length > 0) return;
      const tables = await use(context, ({ connection }) => listTables(connection, database));
      listed.add(database);
      for (const { name, kind } of tables) yield { reference: { namespace: [database], name }, tableType: kind };
    },
    async table({ namespace, name }, context) {
      const [database, ...rest] = namespace;
      if (database === undefined || rest.length > 0) return undefined;
      const all = listed.has(database) ? await describeAll(database, context) : undefined;
      return await use(context, async (lease) => {
        const description = all?.get(name) ?? (await describeTable({ database, table: name }, lease));
        return description && createProvider(description, request, lease);
      });
    },
    invalidate(reference) {
      const [database] = reference?.namespace ?? [];
      if (database === undefined) described.clear();
      else described.delete(database);
    },
    async [Symbol.asyncDispose]() {},
  };
}

/** Names are compared as the server compares them: exactly, or without regard to case where it keeps them in lower case. */
async function describeTable(
  { database, table }: TablePath,
  { connection, server }: Lease,
): Promise<TableDescription | undefined> {
  const found = await inspectTables(connection, { database, table });
  const exact = found.get(table);
  if (exact !== undefined || server.lowerCaseTableNames === 0) return exact;
  return [...found.values()].find(({ name }) => name.toLowerCase() === table.toLowerCase());
}

function createProvider(description: TableDescription, request: OpenRequest, { server }: Lease): TableProvider {
  const { pool, metrics, settings, component, logger, unsupportedTypeAction, declared } = request;
  const columns = mapColumns({
    table: description,
    zeroDates: settings.zeroDates,
    unsupportedTypeAction,
    ...(declared !== undefined && { declared }),
    component,
    logger,
  });
  return createMysqlTable({ pool, metrics, server, settings, description, columns, component });
}

function checkNames({ database, table }: TablePath): void {
  quoteIdentifier(database);
  quoteIdentifier(table);
}

/** What an account may not see is not described; the server tells the difference when the table is read. */
async function missingTable(path: TablePath, { connection }: Lease, component: string): Promise<unknown> {
  const { database, table } = path;
  try {
    await runQuery(connection, `SELECT 1 FROM ${quoteIdentifier(database)}.${quoteIdentifier(table)} LIMIT 0`);
  } catch (error) {
    const { errno } = error as { readonly errno?: unknown };
    if (errno !== 1146 && errno !== 1049) return error;
  }
  const databases = await listDatabases(connection);
  const isKnown = databases.includes(database);
  const names = isKnown ? (await listTables(connection, database)).map(({ name }) => name) : databases;
  const nearest = nearestName(isKnown ? table : database, names);
  return new MillraceError({
    code: 'not_found',
    component,
    connector: 'mysql',
    message: isKnown ? `there is no table ${database}.${table}` : `there is no database ${database}`,
    hint:
      nearest === undefined
        ? 'Check the spelling, and whether the account may see it'
        : `Did you mean ${isKnown ? `${database}.${nearest}` : nearest}?`,
  });
}
