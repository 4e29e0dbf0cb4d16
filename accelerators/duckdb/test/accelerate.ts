import { createMemoryTable } from '@millrace/connector-memory';
import {
  type AcceleratedTable,
  type BootstrapStatus,
  type CreateTableCommand,
  type DataAccelerator,
  type GivenParameter,
  type RecordBatch,
  resolveParameters,
  type ScanContext,
  type Schema,
  type TableProvider,
} from '@millrace/core';
import type { DuckDbDatabase } from '@millrace/duckdb';
import { duckdbAccelerator } from '../src/index.ts';

const never = new AbortController().signal;
export const CONTEXT: ScanContext = { signal: never };

/** An accelerated table with its accelerator. */
export interface Accelerated {
  readonly accelerator: DataAccelerator;
  readonly status: BootstrapStatus;
  readonly table: AcceleratedTable;
}

/** What {@link accelerate} makes. */
export interface AccelerateRequest {
  readonly folder: string;
  readonly schema: Schema;
  readonly engine?: DuckDbDatabase | undefined;
  readonly name?: CreateTableCommand['name'];
  readonly mode?: CreateTableCommand['mode'];
  readonly file?: string;
  /** `on_refresh_sort_columns`. */
  readonly sortColumns?: string;
  readonly definitionHash?: string;
  readonly command?: Partial<CreateTableCommand>;
}

export async function createAccelerator(
  request: Pick<AccelerateRequest, 'folder' | 'engine' | 'file' | 'sortColumns'>,
): Promise<DataAccelerator> {
  const { folder, engine, file, sortColumns } = request;
  const given = new Map<string, GivenParameter>();
  if (file !== undefined) given.set('duckdb_file', { text: file });
  if (sortColumns !== undefined) given.set('on_refresh_sort_columns', { text: sortColumns });
  const { parameters: specs, prefix } = duckdbAccelerator;
  const parameters = resolveParameters({ specs, prefix, given, component: 'test', connector: 'duckdb' });
  const logger = { debug() {}, info() {}, warn() {}, error() {} };
  return duckdbAccelerator.create(parameters, {
    signal: never,
    logger,
    baseDirectory: folder,
    dataDirectory: `${folder}/data`,
    ...(engine ? { engine } : {}),
  });
}

/** Opens a dataset's table as a host does. */
export async function accelerate(request: AccelerateRequest): Promise<Accelerated> {
  const { schema, name = { table: 'orders' }, mode = 'memory', definitionHash = 'h1' } = request;
  const command: CreateTableCommand = { name, schema, mode, definitionHash, refreshMode: 'full', ...request.command };
  const accelerator = await createAccelerator(request);
  try {
    const status = await accelerator.init(command, CONTEXT);
    const source = createMemoryTable({ schema, rows: [] });
    const table = await accelerator.createExternalTable(command, source, [], CONTEXT);
    return { accelerator, status, table };
  } catch (error) {
    await accelerator.shutdown();
    throw error;
  }
}

/** One full refresh through batches; the count of rows. */
export async function refresh(
  table: AcceleratedTable,
  batches: AsyncIterable<RecordBatch> | Iterable<RecordBatch>,
  refreshedAtMs: number = Date.now(),
): Promise<bigint> {
  await using session = await table.beginRefresh({ mode: { kind: 'overwrite' } }, CONTEXT);
  await using writer = await session.writer();
  for await (const batch of batches) await writer.write(batch);
  await writer.finish();
  return (await session.commit({ refreshedAtMs, bootstrapComplete: true })).rowCount;
}

/** All batches of a whole scan. */
export async function scanAll(table: TableProvider): Promise<RecordBatch[]> {
  const projection = table.schema.fields.map((_, ordinal) => ordinal);
  const plan = await table.scan({ projection, filters: [] }, CONTEXT);
  const batches: RecordBatch[] = [];
  for (const partition of plan.partitions)
    for await (const batch of plan.execute(partition, CONTEXT)) batches.push(batch);
  return batches;
}
