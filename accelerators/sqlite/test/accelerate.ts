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
  type WriteMode,
} from '@millrace/core';
import { sqliteAccelerator } from '../src/index.ts';

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
  readonly name?: CreateTableCommand['name'];
  readonly mode?: CreateTableCommand['mode'];
  readonly file?: string;
  readonly definitionHash?: string;
  readonly command?: Partial<CreateTableCommand>;
}

export async function createAccelerator(request: Pick<AccelerateRequest, 'folder' | 'file'>): Promise<DataAccelerator> {
  const { folder, file } = request;
  const given = new Map<string, GivenParameter>(file === undefined ? [] : [['sqlite_file', { text: file }]]);
  const { parameters: specs, prefix } = sqliteAccelerator;
  const parameters = resolveParameters({ specs, prefix, given, component: 'test', connector: 'sqlite' });
  const logger = { debug() {}, info() {}, warn() {}, error() {} };
  return sqliteAccelerator.create(parameters, {
    signal: never,
    logger,
    baseDirectory: folder,
    dataDirectory: `${folder}/data`,
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

/** One refresh through batches, a full one where no filters are given; the count of rows. */
export async function refresh(
  table: AcceleratedTable,
  batches: AsyncIterable<RecordBatch> | Iterable<RecordBatch>,
  refreshedAtMs: number = Date.now(),
  mode: WriteMode = { kind: 'overwrite' },
): Promise<bigint> {
  await using session = await table.beginRefresh({ mode }, CONTEXT);
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
