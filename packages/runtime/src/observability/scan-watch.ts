import type { ExecutionPlan, RecordBatch } from '@millrace/core';
import { type Context, context } from '@opentelemetry/api';
import type { ActivityMetrics } from './activity-metrics.ts';
import { batchByteCount } from './batch-byte-count.ts';
import type { Tracing } from './tracing.ts';

/** What a table that is scanned is to somebody who watches. */
export interface TableOrigin {
  /** The dataset, or the catalog, of whose tables there can be very many. */
  readonly dataset: string;
  /** Id of the connector, or of the accelerator where the copy is read. */
  readonly system: string;
  /** The table by its name in SQL. */
  readonly table: string;
}

/** One scan that is watched. */
export interface ScanWatchRequest {
  readonly origin: TableOrigin;
  readonly plan: ExecutionPlan;
  readonly batches: AsyncGenerator<RecordBatch, void, undefined>;
  /** What the span of the scan nests under; default what is active. */
  readonly parent: Context | undefined;
  readonly activity: ActivityMetrics;
  readonly tracing: Tracing;
  /** The statement for the span, where the host wants it; without secrets. */
  readonly statement: () => string | undefined;
}

/** Names of the conventions for systems whose connectors have others. */
const SYSTEM_NAMES: ReadonlyMap<string, string> = new Map([['postgres', 'postgresql']]);

/** The batches of a scan, counted and traced; it begins with the first one that is asked for. */
export async function* watchScan(request: ScanWatchRequest): AsyncGenerator<RecordBatch, void, undefined> {
  const { origin, batches, parent = context.active(), activity, tracing } = request;
  const { dataset, system, table } = origin;
  const started = performance.now();
  const span = tracing.start({
    name: `scan ${table}`,
    parent,
    kind: 'client',
    attributes: {
      'db.system.name': SYSTEM_NAMES.get(system) ?? system,
      'db.operation.name': 'scan',
      'db.collection.name': table,
      'millrace.dataset': dataset,
    },
  });
  const statement = span.isRecording ? request.statement() : undefined;
  if (statement !== undefined) span.set({ 'db.query.text': statement });
  let outcome: 'complete' | 'closed' | 'failed' = 'closed';
  let failure: unknown;
  let firstBatchMs: number | undefined;
  let rowCount = 0;
  let byteCount = 0;
  const pull = () => batches.next();
  try {
    for (;;) {
      const { done, value } = await span.run(pull);
      if (done === true) break;
      firstBatchMs ??= performance.now() - started;
      rowCount += value.numRows;
      byteCount += batchByteCount(value);
      yield value;
    }
    outcome = 'complete';
  } catch (error) {
    outcome = 'failed';
    failure = error;
    throw error;
  } finally {
    try {
      await batches.return();
    } finally {
      const durationMs = performance.now() - started;
      activity.scanEnded({ dataset, system, outcome, durationMs, firstBatchMs, rowCount, byteCount });
      if (span.isRecording) span.set({ 'db.response.returned_rows': rowCount, 'millrace.byte_count': byteCount });
      span.end(failure);
    }
  }
}
