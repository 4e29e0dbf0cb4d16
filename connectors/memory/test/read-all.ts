import { type RowValue, rowsFromBatch } from '@millrace/arrow';
import {
  checkPlan,
  type DataType,
  dataTypes,
  type ExecutionPlan,
  type Expr,
  isMillraceError,
  type RecordBatch,
  type ScalarFunction,
  type ScanContext,
  type ScanRequest,
  type TableProvider,
} from '@millrace/core';

/** A context that nobody aborts. */
export const context: ScanContext = { signal: new AbortController().signal };

/** Plans a scan of all columns unless the request says otherwise, and checks its claims. */
export async function planOf(source: TableProvider, request: Partial<ScanRequest> = {}): Promise<ExecutionPlan> {
  const full: ScanRequest = { projection: source.schema.fields.map((_, ordinal) => ordinal), filters: [], ...request };
  const plan = await source.scan(full, context);
  checkPlan(full, plan);
  return plan;
}

/** Reads every partition of a plan as row objects; partitions pass through JSON first. */
export async function readPlan(plan: ExecutionPlan): Promise<Record<string, RowValue>[]> {
  const rows: Record<string, RowValue>[] = [];
  for (const partition of plan.partitions)
    for await (const batch of plan.execute(JSON.parse(JSON.stringify(partition)), context))
      rows.push(...rowsFromBatch(batch));
  return rows;
}

/** Reads what a request asks for. */
export async function readAll(
  source: TableProvider,
  request: Partial<ScanRequest> = {},
): Promise<Record<string, RowValue>[]> {
  return readPlan(await planOf(source, request));
}

/** The code of the error that a call fails with; `none` when it does not fail. */
export async function codeOf(run: () => unknown): Promise<string> {
  try {
    await run();
    return 'none';
  } catch (error) {
    if (isMillraceError(error)) return error.code;
    throw error;
  }
}

/** Writes batches in one write, one writer a batch. */
export async function write(
  source: TableProvider,
  request: Omit<Parameters<NonNullable<TableProvider['insertInto']>>[0], 'schema' | 'writerCount'>,
  batches: readonly RecordBatch[],
): Promise<Awaited<ReturnType<Awaited<ReturnType<NonNullable<TableProvider['insertInto']>>>['commit']>>> {
  const schema = batches[0]?.schema ?? source.schema;
  await using session = await source.insertInto!({ ...request, schema, writerCount: 1 }, context);
  const messages = [];
  for (const [partition, batch] of batches.entries()) {
    await using writer = await session.writer({ partition, attempt: 0 });
    await writer.write(batch);
    messages.push(await writer.finish());
  }
  return await session.commit(messages);
}

export function column(name: string, type: DataType): Expr {
  return { kind: 'column', path: [name], type };
}

export function literal(value: Extract<Expr, { kind: 'literal' }>['value'], type: DataType): Expr {
  return { kind: 'literal', value, type };
}

export function condition(name: ScalarFunction, ...args: readonly Expr[]): Expr {
  return { kind: 'call', function: name, args, type: dataTypes.bool() };
}
