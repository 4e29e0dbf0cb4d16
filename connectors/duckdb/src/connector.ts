import { basename, isAbsolute, resolve } from 'node:path';
import {
  type ConnectorPlugin,
  type DataConnector,
  type DatasetSource,
  defineConnector,
  MillraceError,
  nearestName,
  type Parameters,
  type PluginContext,
  type ScanContext,
  type TableProvider,
} from '@millrace/core';
import { createDuckDbCatalog } from './catalog.ts';
import { createTable } from './create-table.ts';
import type { DatabaseFile } from './database-file.ts';
import { chooseColumns, describeTable, listTables } from './describe-table.ts';
import { ScanMetrics } from './metrics.ts';
import { duckDbParameters } from './parameters.ts';
import { type FileHold, holdFile } from './shared-files.ts';
import { parseTableName, type TableName } from './table-name.ts';

/** The connector of DuckDB database files: `from: duckdb:main.orders`. */
export const duckDbConnector: ConnectorPlugin = defineConnector({
  id: 'duckdb',
  prefix: 'duckdb',
  parameters: duckDbParameters,
  create: (_, context) => createConnector(context),
});

function createConnector({ baseDirectory, memory }: PluginContext): DataConnector {
  const holds = new Map<string, FileHold>();
  const metrics = new ScanMetrics();
  let closed: Promise<void> | undefined;

  const fileOf = (parameters: Parameters, component: string): DatabaseFile => {
    const path = filePath(parameters.string('open') ?? '', baseDirectory, component);
    if (closed !== undefined) throw closedError(component);
    const hold = holds.get(path) ?? holdFile(path, { idleMs: parameters.number('idle_timeout') ?? 0, memory });
    holds.set(path, hold);
    return hold.file;
  };
  const readProvider = async (dataset: DatasetSource, { signal }: ScanContext): Promise<TableProvider> => {
    const component = `dataset ${dataset.name}`;
    const file = fileOf(dataset.parameters, component);
    const fileName = basename(file.path).replace(/\.[^.]*$/, '');
    const name = parseTableName(dataset.path, { fileName, component });
    return file.use({ component, signal }, async (connection, version) => {
      const found = await describeTable(connection, name);
      if (found === undefined)
        throw missingTable(
          file,
          name,
          (await listTables(connection)).map((one) => one.name),
          component,
        );
      const description = dataset.schema ? chooseColumns(found, dataset.schema, component) : found;
      return createTable({ file, description, isWhole: description === found, version, component, metrics });
    });
  };
  const close = (): Promise<void> => {
    closed ??= Promise.all([...holds.values()].map((hold) => hold.release())).then(() => undefined);
    return closed;
  };
  return {
    readProvider,
    async catalogProvider(source) {
      const component = `catalog ${source.name}`;
      return createDuckDbCatalog({ file: fileOf(source.parameters, component), component, metrics });
    },
    metricsProvider: metrics,
    close,
    [Symbol.asyncDispose]: close,
  };
}

function closedError(component: string): MillraceError {
  return new MillraceError({
    code: 'invalid_state',
    component,
    connector: 'duckdb',
    message: 'the connector was closed',
    hint: 'Create another one',
  });
}

/** @throws MillraceError `invalid_parameter` for what names no file. */
function filePath(path: string, baseDirectory: string, component: string): string {
  if (path !== '' && !path.startsWith(':') && !path.includes('\0')) {
    return isAbsolute(path) ? path : resolve(baseDirectory, path);
  }
  throw new MillraceError({
    code: 'invalid_parameter',
    component,
    connector: 'duckdb',
    message: 'duckdb_open names no file',
    hint: 'Set duckdb_open to the path of a database file',
  });
}

function missingTable(
  { path }: DatabaseFile,
  { schemaName, table }: TableName,
  names: readonly TableName[],
  component: string,
): MillraceError {
  const full = (name: TableName): string => `${name.schemaName}.${name.table}`;
  const nearest = nearestName(`${schemaName}.${table}`, names.map(full));
  return new MillraceError({
    code: 'not_found',
    component,
    connector: 'duckdb',
    message: `${path} has no table ${schemaName}.${table}`,
    hint:
      nearest === undefined
        ? `It has ${names.slice(0, 10).map(full).join(', ') || 'no tables'}`
        : `Did you mean ${nearest}?`,
  });
}
