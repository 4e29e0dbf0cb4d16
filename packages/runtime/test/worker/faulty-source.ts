import { memoryConnector } from '@millrace/connector-memory';
import {
  type ConnectorPlugin,
  cancelledError,
  defineConnector,
  type Expr,
  MillraceError,
  type TableProvider,
} from '@millrace/core';

/** A source whose scans can be made to fail, or to wait. */
export interface FaultySource {
  readonly plugin: ConnectorPlugin;
  /** Scans that were asked for. */
  scanCount: number;
  /** Times that one of its tables was looked for. */
  lookCount: number;
  /** Scans that are being read now, and the most that were at the same time. */
  reading: number;
  mostReading: number;
  /** Filters of the last scan. */
  filters: readonly Expr[];
  failure: 'passing' | 'lasting' | undefined;
  /** Whether its tables can be found. */
  isReachable: boolean;
  /** Awaited before the rows come. */
  gate: Promise<void> | undefined;
}

/** The connector `faulty`: the tables of the memory connector, read by scans alone. */
export function createFaultySource(): FaultySource {
  const source: FaultySource = {
    scanCount: 0,
    lookCount: 0,
    reading: 0,
    mostReading: 0,
    filters: [],
    failure: undefined,
    isReachable: true,
    gate: undefined,
    plugin: defineConnector({
      ...memoryConnector,
      id: 'faulty',
      create: async (parameters, context) => {
        const connector = await memoryConnector.create(parameters, context);
        return {
          readProvider: async (dataset, scanContext) => {
            source.lookCount += 1;
            if (!source.isReachable) throw down('passing');
            return wrap(await connector.readProvider(dataset, scanContext));
          },
          close: () => connector.close(),
          [Symbol.asyncDispose]: () => connector.close(),
        };
      },
    }),
  };
  const wrap = (table: TableProvider): TableProvider => ({
    schema: table.schema,
    tableType: table.tableType,
    scan: async (request, context) => {
      source.scanCount += 1;
      source.filters = request.filters;
      if (source.failure !== undefined) throw down(source.failure);
      const plan = await table.scan(request, context);
      return {
        ...plan,
        async *execute(partition, executeContext) {
          source.reading += 1;
          source.mostReading = Math.max(source.mostReading, source.reading);
          try {
            if (source.gate) await Promise.race([source.gate, untilAborted(executeContext.signal)]);
            yield* plan.execute(partition, executeContext);
          } finally {
            source.reading -= 1;
          }
        },
        explain: () => plan.explain(),
      };
    },
  });
  return source;
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(cancelledError('source', signal)), { once: true });
  });
}

function down(kind: 'passing' | 'lasting'): MillraceError {
  return new MillraceError({
    code: kind === 'passing' ? 'unavailable' : 'unauthorized',
    component: 'source',
    message: 'it is down',
    retryable: kind === 'passing',
  });
}
