import { type RowValue, rowArraysFromBatch } from '@millrace/arrow';
import {
  checkPlan,
  type ExecutionPlan,
  type Partition,
  type RecordBatch,
  type ScanContext,
  type ScanRequest,
  type TableProvider,
} from '@millrace/core';
import { idleContext } from '../open-connector.ts';

/** A scan that was read to its end. */
export interface Scanned {
  readonly plan: ExecutionPlan;
  /** By partition. */
  readonly batches: readonly (readonly RecordBatch[])[];
  readonly rows: readonly (readonly RowValue[])[];
}

/** Plans a scan as an engine does: all columns unless the request says otherwise, claims checked. */
export async function planTable(
  table: TableProvider,
  request: Partial<ScanRequest> = {},
  context: ScanContext = idleContext(),
): Promise<ExecutionPlan> {
  const whole: ScanRequest = { projection: table.schema.fields.map((_, ordinal) => ordinal), filters: [], ...request };
  const plan = await table.scan(whole, context);
  checkPlan(whole, plan);
  return plan;
}

/** Plans a scan and reads every partition, one after the other; partitions pass through JSON first. */
export async function scanTable(
  table: TableProvider,
  request: Partial<ScanRequest> = {},
  context: ScanContext = idleContext(),
): Promise<Scanned> {
  const plan = await planTable(table, request, context);
  const batches: RecordBatch[][] = [];
  for (const partition of plan.partitions) batches.push(await readPartition(plan, partition, context));
  return { plan, batches, rows: rowsOf(batches.flat()) };
}

/** Reads one partition, which passes through JSON first, as it does on its way to another worker. */
export async function readPartition(
  plan: ExecutionPlan,
  partition: Partition,
  context: ScanContext = idleContext(),
): Promise<RecordBatch[]> {
  const batches: RecordBatch[] = [];
  for await (const batch of plan.execute(JSON.parse(JSON.stringify(partition)) as Partition, context))
    batches.push(batch);
  return batches;
}

/** The rows of batches as users see them; a batch without columns gives empty rows. */
export function rowsOf(batches: readonly RecordBatch[]): (readonly RowValue[])[] {
  return batches.flatMap((batch) => [...rowArraysFromBatch(batch)]);
}
