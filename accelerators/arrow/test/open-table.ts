import { createMemoryTable } from '@millrace/connector-memory';
import {
  type AcceleratedTable,
  type CreateTableCommand,
  type DataAccelerator,
  type GivenParameter,
  type RecordBatch,
  resolveParameters,
  type ScanContext,
  type ScanRequest,
  type Schema,
} from '@millrace/core';
import { arrowAccelerator } from '../src/index.ts';

export const CONTEXT: ScanContext = { signal: new AbortController().signal };

/** An accelerated table as a host opens it. */
export async function openTable(
  schema: Schema,
  constraints: Pick<CreateTableCommand, 'primaryKey' | 'indexes' | 'onConflict' | 'partitionBy'> = {},
  texts: Readonly<Record<string, string>> = {},
): Promise<{ readonly accelerator: DataAccelerator; readonly table: AcceleratedTable }> {
  const given = new Map<string, GivenParameter>(Object.entries(texts).map(([key, text]) => [key, { text }]));
  const { parameters: specs, prefix } = arrowAccelerator;
  const accelerator = await arrowAccelerator.create(
    resolveParameters({ specs, prefix, given, component: 'test', connector: 'arrow' }),
    {
      signal: CONTEXT.signal,
      logger: { debug() {}, info() {}, warn() {}, error() {} },
      baseDirectory: '/',
      dataDirectory: '/nowhere',
    },
  );
  const command = {
    name: { schemaName: 'sales', table: 'orders' },
    schema,
    mode: 'memory',
    definitionHash: 'h1',
    refreshMode: 'full',
    ...constraints,
  } as const;
  expectEmpty(await accelerator.init(command, CONTEXT));
  const source = createMemoryTable({ schema, rows: [] });
  return { accelerator, table: await accelerator.createExternalTable(command, source, [], CONTEXT) };
}

function expectEmpty({ kind }: { readonly kind: string }): void {
  if (kind !== 'empty') throw new TypeError(`a table in memory was found to be ${kind}`);
}

/** One full refresh. */
export async function refresh(
  table: AcceleratedTable,
  batches: AsyncIterable<RecordBatch> | Iterable<RecordBatch>,
): Promise<bigint> {
  await using session = await table.beginRefresh({ mode: { kind: 'overwrite' } }, CONTEXT);
  await using writer = await session.writer();
  for await (const batch of batches) await writer.write(batch);
  await writer.finish();
  return (await session.commit({ refreshedAtMs: 7, bootstrapComplete: true })).rowCount;
}

/** The batches of a scan, by default of all columns. */
export async function scan(
  table: AcceleratedTable,
  request: Partial<ScanRequest> = {},
  context: ScanContext = CONTEXT,
): Promise<RecordBatch[]> {
  const projection = table.schema.fields.map((_, ordinal) => ordinal);
  const plan = await table.scan({ projection, filters: [], ...request }, context);
  const batches: RecordBatch[] = [];
  for await (const batch of plan.execute(plan.partitions[0]!, context)) batches.push(batch);
  return batches;
}

/** The batches that the table offers in place. */
export async function heldBatches(table: AcceleratedTable): Promise<readonly RecordBatch[]> {
  const relation = await table.nativeRelation?.(CONTEXT);
  if (relation?.kind !== 'batches') throw new TypeError('the table offers no batches');
  return relation.batches;
}
