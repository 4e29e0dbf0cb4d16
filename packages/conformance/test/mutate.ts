import { createColumnBuilder, createLiteralReader, type LiteralLike } from '@millrace/arrow';
import type {
  ConnectorPlugin,
  DataConnector,
  ExecutionPlan,
  Expr,
  Field,
  RecordBatch,
  ScanContext,
  ScanRequest,
  TableProvider,
} from '@millrace/core';
import type { Remote } from './remote.ts';

/** A broken connector, made from the model. */
export interface Mutant {
  /** What is wrong with it. */
  readonly name: string;
  /** The checks that have to find it. */
  readonly found: readonly string[];
  readonly mutate: (plugin: ConnectorPlugin, remote: Remote) => ConnectorPlugin;
}

type Change<T> = (original: T, remote: Remote) => T;

/** Breaks the connector. */
export function connectorMutant(name: string, found: readonly string[], change: Change<DataConnector>): Mutant {
  const mutate: Mutant['mutate'] = (plugin, remote) => ({
    ...plugin,
    create: async (parameters, context) => change(await plugin.create(parameters, context), remote),
  });
  return { name, found, mutate };
}

/** Breaks every table, from datasets and from the catalog. */
export function tableMutant(name: string, found: readonly string[], change: Change<TableProvider>): Mutant {
  return connectorMutant(name, found, (connector, remote) => ({
    ...connector,
    readProvider: async (dataset, context) => change(await connector.readProvider(dataset, context), remote),
    async catalogProvider(source, context) {
      const catalog = await connector.catalogProvider!(source, context);
      return {
        ...catalog,
        async table(reference, inner) {
          const table = await catalog.table(reference, inner);
          return table && change(table, remote);
        },
      };
    },
  }));
}

/** Breaks scans: gives another plan for a request. */
export function scanMutant(
  name: string,
  found: readonly string[],
  scan: (table: TableProvider, request: ScanRequest, context: ScanContext) => ExecutionPlan | Promise<ExecutionPlan>,
): Mutant {
  return tableMutant(name, found, (table) => ({
    ...table,
    scan: (request, context) => scan(table, request, context),
  }));
}

/** Sends another request to the source and claims what the right one would have got. */
export function requestMutant(
  name: string,
  found: readonly string[],
  change: (request: ScanRequest, table: TableProvider) => ScanRequest,
): Mutant {
  return scanMutant(name, found, async (table, request, context) => {
    const [honest, plan] = [await table.scan(request, context), await table.scan(change(request, table), context)];
    return { ...plan, applied: honest.applied };
  });
}

/** Rewrites the filters, and claims what the right ones would have got. */
export function filterMutant(name: string, found: readonly string[], rewrite: (expr: Expr) => Expr): Mutant {
  return requestMutant(name, found, (request) => ({
    ...request,
    filters: request.filters.map((filter) => rewriteAll(filter, rewrite)),
  }));
}

/** Breaks the stream of a partition. */
export function streamMutant(
  name: string,
  found: readonly string[],
  change: (
    open: (context: ScanContext) => AsyncIterable<RecordBatch>,
    scan: {
      readonly context: ScanContext;
      readonly request: ScanRequest;
      readonly partition: number;
      readonly plan: ExecutionPlan;
    },
  ) => AsyncIterable<RecordBatch>,
): Mutant {
  return scanMutant(name, found, async (table, request, planning) => {
    const plan = await table.scan(request, planning);
    return {
      ...plan,
      execute: (partition, context) =>
        change((inner) => plan.execute(partition, inner), { context, request, partition: partition.id, plan }),
    };
  });
}

/** Breaks values, column by column. */
export function valueMutant(
  name: string,
  found: readonly string[],
  change: (value: NonNullable<LiteralLike>, field: Field, row: number) => LiteralLike,
): Mutant {
  return streamMutant(name, found, async function* (open, { context }) {
    for await (const batch of open(context)) yield mapValues(batch, change);
  });
}

/** Rewrites an expression from its leaves up. */
export function rewriteAll(expr: Expr, rewrite: (expr: Expr) => Expr): Expr {
  return rewrite(expr.kind === 'call' ? { ...expr, args: expr.args.map((arg) => rewriteAll(arg, rewrite)) } : expr);
}

/** The batch with other values, column by column; nulls stay. */
export function mapValues(
  batch: RecordBatch,
  change: (value: NonNullable<LiteralLike>, field: Field, row: number) => LiteralLike,
): RecordBatch {
  const children = batch.data.children.map((column, ordinal) => {
    const field = batch.schema.fields[ordinal]!;
    const read = createLiteralReader(column);
    const builder = createColumnBuilder(field.type, batch.numRows);
    for (let row = 0; row < batch.numRows; row += 1) {
      const value = read(row);
      builder.append(value === null ? null : change(value, field, row));
    }
    return builder.finish();
  });
  return { ...batch, data: { children } };
}
