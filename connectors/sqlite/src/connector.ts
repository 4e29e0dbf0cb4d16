import { isAbsolute, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
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
import { type ConflictAction, classifySqliteError, ScanMetrics, WorkerPool } from '@millrace/sqlite';
import { createSqliteCatalog, listTables } from './catalog.ts';
import { createTable } from './create-table.ts';
import { describeTable } from './describe-table.ts';
import { sqliteParameters } from './parameters.ts';

/** The connector of SQLite database files: `from: sqlite:orders`. */
export const sqliteConnector: ConnectorPlugin = defineConnector({
  id: 'sqlite',
  prefix: 'sqlite',
  parameters: sqliteParameters,
  create: (_, context) => createConnector(context),
});

function createConnector({ baseDirectory }: PluginContext): DataConnector {
  const pools = new Map<string, WorkerPool>();
  const metrics = new ScanMetrics();
  let closed: Promise<void> | undefined;

  const poolOf = (parameters: Parameters, component: string): WorkerPool => {
    const path = filePath(parameters.string('file') ?? '', baseDirectory, component);
    const busyTimeoutMs = parameters.number('busy_timeout') ?? 5_000;
    const key = `${busyTimeoutMs}:${path}`;
    const pool = pools.get(key) ?? new WorkerPool(path, busyTimeoutMs);
    if (closed !== undefined) throw pool.closedError(component);
    pools.set(key, pool);
    return pool;
  };
  const readProvider = async (dataset: DatasetSource, { signal }: ScanContext): Promise<TableProvider> => {
    const component = `dataset ${dataset.name}`;
    const pool = poolOf(dataset.parameters, component);
    const onConflict = conflictAction(dataset.parameters);
    const described = await pool
      .use(component, signal, async (client) => {
        for (const name of namesOf(dataset.path)) {
          const { schema: declared } = dataset;
          const found = await describeTable({ client, name, onConflict, component, ...(declared && { declared }) });
          if (found !== undefined) return found;
        }
        return undefined;
      })
      .catch((error: unknown) => {
        throw classifySqliteError(error, { component, file: pool.path });
      });
    if (described !== undefined) return createTable({ pool, description: described, component, metrics });
    throw await missingTable(pool, dataset, signal);
  };
  const close = (): Promise<void> => {
    closed ??= Promise.all([...pools.values()].map((pool) => pool.close())).then(() => undefined);
    return closed;
  };
  return {
    readProvider,
    async catalogProvider(source) {
      const component = `catalog ${source.name}`;
      const pool = poolOf(source.parameters, component);
      return createSqliteCatalog({ pool, component, metrics, onConflict: conflictAction(source.parameters) });
    },
    metricsProvider: metrics,
    close,
    [Symbol.asyncDispose]: close,
  };
}

function conflictAction(parameters: Parameters): ConflictAction {
  return parameters.string('type_conflict') === 'null' ? 'null' : 'error';
}

/** @throws MillraceError `invalid_parameter` for a URI with options, and for a database in memory, which no other thread could see. */
function filePath(file: string, baseDirectory: string, component: string): string {
  const refuse = (message: string): MillraceError =>
    new MillraceError({
      code: 'invalid_parameter',
      component,
      connector: 'sqlite',
      message,
      hint: 'Set sqlite_file to the path of a database file',
    });
  if (file === '' || file === ':memory:' || file.includes('\0')) throw refuse('sqlite_file names no file');
  if (!/^file:/i.test(file)) return isAbsolute(file) ? file : resolve(baseDirectory, file);
  if (/[?#]/.test(file)) throw refuse('sqlite_file is a URI with options, which are not supported');
  const rest = file.slice('file:'.length);
  return rest.startsWith('//') ? fileURLToPath(file) : resolve(baseDirectory, decodeURIComponent(rest));
}

/** What a dataset's path may mean, in the order in which it is looked for: `orders`, `main.orders`, `"or.ders"`. */
function namesOf(path: string): readonly string[] {
  const plain = path.replace(/^main\./i, '');
  const quoted = /^"((?:[^"]|"")+)"$/.exec(plain)?.[1]?.replaceAll('""', '"');
  return [...new Set([path, plain, ...(quoted === undefined ? [] : [quoted])])];
}

async function missingTable(pool: WorkerPool, dataset: DatasetSource, signal: AbortSignal): Promise<MillraceError> {
  const component = `dataset ${dataset.name}`;
  const names = (await listTables(pool, component, { signal })).map(({ name }) => name);
  const nearest = namesOf(dataset.path)
    .map((name) => nearestName(name, names))
    .find((name) => name !== undefined);
  return new MillraceError({
    code: 'not_found',
    component,
    connector: 'sqlite',
    message: `${pool.path} has no table ${dataset.path}`,
    hint: nearest === undefined ? `It has ${names.slice(0, 10).join(', ') || 'no tables'}` : `Did you mean ${nearest}?`,
  });
}
