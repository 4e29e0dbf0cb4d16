import type { MemoryTable } from '@millrace/connector-memory';
import {
  type Catalog,
  type ConnectorPlugin,
  cancelledError,
  type DataConnector,
  defineConnector,
  type ExecutionPlan,
  MillraceError,
  nearestName,
  type ParameterSpec,
  type PluginContext,
  type RecordBatch,
  type ScanContext,
  type TableProvider,
} from '@millrace/core';
import type { Remote } from './remote.ts';

const PARAMETERS: readonly ParameterSpec[] = [
  {
    name: 'host',
    kind: 'connector',
    type: 'string',
    required: true,
    description: 'Name of the simulated server.',
    examples: ['here'],
  },
  { name: 'password', kind: 'connector', type: 'string', secret: true, description: 'Password of the account.' },
  { name: 'timeout', kind: 'connector', type: 'duration', description: 'Longest statement.', default: '10s' },
  {
    name: 'mode',
    kind: 'connector',
    type: 'string',
    description: 'A choice of two.',
    oneOf: ['one', 'two'],
    default: 'one',
  },
];

/** A connector of a simulated server that passes every check; mutants are made from it. */
export function createModelPlugin(remote: Remote): ConnectorPlugin {
  return defineConnector({
    id: 'model',
    prefix: 'model',
    parameters: PARAMETERS,
    supportsUnsupportedTypeAction: true,
    async create(parameters, context) {
      if (context.signal.aborted) throw cancelledError('model', context.signal);
      return createModelConnector(remote, context, {
        host: parameters.string('host')!,
        password: parameters.string('password') ?? '',
        timeoutMs: parameters.number('timeout')!,
      });
    },
  });
}

interface Settings {
  readonly host: string;
  readonly password: string;
  readonly timeoutMs: number;
}

function createModelConnector(remote: Remote, context: PluginContext, settings: Settings): DataConnector {
  const session = remote.openSession();
  const requireOpen = (): void => {
    if (session.isClosed) throw failure('invalid_state', 'the connector was closed');
    if (settings.host !== 'here') throw failure('unavailable', 'nobody listens there', { isRetryable: true });
    if (settings.password !== remote.password) throw failure('unauthenticated', 'the login was refused');
  };
  const provide = (
    name: string,
    action: 'error' | 'warn' | 'ignore' | 'string' = 'error',
  ): TableProvider | undefined => {
    const stored = remote.table(name);
    if (stored === undefined) return undefined;
    const unsupported = stored.unsupported ?? [];
    if (unsupported.length > 0 && action === 'error')
      throw failure('unsupported_type', `column ${unsupported[0]} has a type without a place here`);
    if (action === 'warn') for (const column of unsupported) context.logger.warn(`column ${column} is left out`);
    const table = action === 'string' || !('readable' in stored) ? stored.whole : stored.readable;
    if (table === undefined) throw failure('unsupported_type', 'no column is left');
    return wrapTable(remote, { name, table, kind: stored.kind, timeoutMs: settings.timeoutMs, session });
  };
  const close = async (): Promise<void> => session.close();
  return {
    async readProvider(dataset) {
      requireOpen();
      remote.log.push(`DESCRIBE "${dataset.path}"`);
      const found = provide(dataset.path, dataset.unsupportedTypeAction);
      if (found !== undefined) return found;
      const nearest = nearestName(dataset.path, remote.names());
      throw failure('not_found', `there is no table ${dataset.path}`, {
        hint: `Did you mean ${nearest ?? 'another'}?`,
      });
    },
    catalogProvider: async () => createModelCatalog(remote, provide),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function createModelCatalog(remote: Remote, provide: (name: string) => TableProvider | undefined): Catalog {
  return {
    async *namespaces() {},
    async *tables(namespace) {
      if (namespace.length > 0) return;
      remote.log.push('SHOW TABLES');
      for (const name of remote.names())
        yield { reference: { namespace: [], name }, tableType: remote.table(name)!.kind };
    },
    async table({ name }) {
      return provide(name);
    },
    invalidate() {},
    async [Symbol.asyncDispose]() {},
  };
}

interface WrappedTable {
  readonly name: string;
  readonly table: MemoryTable;
  readonly kind: 'base' | 'view';
  readonly timeoutMs: number;
  readonly session: ReturnType<Remote['openSession']>;
}

/** Only what the model declares: reading, with the statements, connections and limits of a server around it. */
function wrapTable(remote: Remote, wrapped: WrappedTable): TableProvider {
  const { table, kind, name } = wrapped;
  const version = remote.table(name)!.version;
  return {
    schema: table.schema,
    tableType: kind,
    source: 'model',
    ...(table.constraints && { constraints: table.constraints }),
    ...(table.metadataColumns && { metadataColumns: table.metadataColumns }),
    async scan(request, context) {
      const plan = await table.scan(request, context);
      const where =
        request.filters.length > 0 ? ` WHERE ${table.schema.fields.map((field) => field.name).join(' AND ')}` : '';
      const statement = `SELECT FROM "${name}"${where}`;
      return {
        ...plan,
        explain: () => ({ source: `model ${name}`, statement }),
        execute: (partition, scan) => ({
          [Symbol.asyncIterator]: () => readRemote(remote, { ...wrapped, plan, partition, version, statement }, scan),
        }),
      };
    },
  };
}

async function* readRemote(
  remote: Remote,
  read: WrappedTable & {
    readonly plan: ExecutionPlan;
    readonly partition: ExecutionPlan['partitions'][number];
    readonly version: number;
    readonly statement: string;
  },
  context: ScanContext,
): AsyncGenerator<RecordBatch, void, undefined> {
  const { session, name, plan } = read;
  if (context.signal.aborted) throw cancelledError('model', context.signal);
  const connection = await session.connect(context.signal);
  remote.log.push(read.statement);
  remote.active += 1;
  const started = Date.now();
  const stored = remote.table(name);
  let rowCount = 0;
  try {
    if (stored?.isForbidden) throw failure('unauthorized', 'the account may not read the table');
    if (stored?.isDamaged) throw failure('invalid_data', `table ${name} is damaged`);
    if (stored?.version !== read.version) throw failure('schema_mismatch', 'the columns have changed since');
    for await (const batch of plan.execute(read.partition, context)) {
      if (context.signal.aborted) throw cancelledError('model', context.signal);
      if (session.isClosed) throw failure('invalid_state', 'the connector was closed');
      if (connection.isBroken) throw failure('io', 'the connection broke', { isRetryable: true });
      rowCount += batch.numRows;
      if (stored.failsAfter !== undefined && rowCount > stored.failsAfter)
        throw failure('invalid_data', 'a row could not be computed');
      if (stored.delayMs !== undefined) await new Promise((resolve) => setTimeout(resolve, stored.delayMs));
      if (Date.now() - started > read.timeoutMs) throw failure('timeout', 'the statement took too long');
      yield batch;
      // Sources answer through sockets, so that timers get their turn.
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (context.signal.aborted) throw cancelledError('model', context.signal);
    if (connection.isBroken) throw failure('io', 'the connection broke', { isRetryable: true });
  } finally {
    remote.active -= 1;
    connection.release();
  }
}

function failure(
  code: MillraceError['code'],
  message: string,
  { hint = 'Look at the model', isRetryable = false }: { readonly hint?: string; readonly isRetryable?: boolean } = {},
): MillraceError {
  return new MillraceError({ code, component: 'model', connector: 'model', message, hint, retryable: isRetryable });
}
