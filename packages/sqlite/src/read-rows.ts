import { cancelledError, type RecordBatch, type RecordBatchStream, type Schema } from '@millrace/core';
import { classifySqliteError } from './classify-error.ts';
import type { Lease, WorkerPool } from './client/worker-pool.ts';
import type { ScanMetrics } from './scan-metrics.ts';
import type { PackedBatch, ScanOrder, WorkerAnswer, WorkerRequest } from './worker/protocol.ts';

/** Batches that a worker makes ahead of their consumer. */
const CREDITS = 2;

/** What is read. */
export interface RowsRequest {
  readonly pool: WorkerPool;
  /** A worker, perhaps with a transaction that was begun; it is given back at the end. */
  readonly lease: () => Promise<Lease>;
  readonly order: ScanOrder;
  /** Of the columns that are not hidden. */
  readonly schema: Schema;
  readonly component: string;
  readonly signal: AbortSignal;
  readonly metrics: ScanMetrics;
}

/** Streams the rows of one statement. */
export async function* readRows(
  request: RowsRequest,
): RecordBatchStream & AsyncGenerator<RecordBatch, void, undefined> {
  const { pool, order, schema, component, signal, metrics } = request;
  if (signal.aborted) throw cancelledError(component, signal);
  const start = performance.now();
  metrics.scanCount++;
  const lease = await request.lease();
  const stop = (): void => void lease.release();
  signal.addEventListener('abort', stop, { once: true });
  const ahead: Promise<WorkerAnswer>[] = [];
  const send = (request: WorkerRequest): void => {
    const answer = lease.client.request(request);
    // Whoever awaits it gets the failure; one that nobody awaits any more must not end the process.
    answer.catch(() => undefined);
    ahead.push(answer);
  };
  try {
    if (signal.aborted) throw cancelledError(component, signal);
    // A small result costs one message and its answer.
    send({ kind: 'open', order });
    for (let isFirst = true; ; isFirst = false) {
      const answer = await ahead.shift()!;
      const isOver = answer.kind !== 'batch' || answer.batch.isLast;
      if (isOver) lease.finish();
      if (answer.kind !== 'batch') return;
      while (!isOver && ahead.length < CREDITS) send({ kind: 'next' });
      const batch = toRecordBatch(answer.batch, schema);
      if (isFirst) metrics.lastFirstBatchMs = performance.now() - start;
      metrics.rowCount += batch.numRows;
      metrics.byteCount += byteCountOf(answer.batch);
      yield batch;
      if (signal.aborted) throw cancelledError(component, signal);
      if (isOver) return;
    }
  } catch (error) {
    if (signal.aborted) throw cancelledError(component, signal);
    throw pool.isClosed ? pool.closedError(component) : classifySqliteError(error, { component, file: pool.path });
  } finally {
    signal.removeEventListener('abort', stop);
    await lease.release();
  }
}

function toRecordBatch({ rowCount, columns }: PackedBatch, schema: Schema): RecordBatch {
  const children = columns.map((column, index) => ({
    type: schema.fields[index]!.type,
    length: rowCount,
    offset: 0,
    nullCount: column.nullCount,
    values: column.values,
    ...(column.valueOffsets && { valueOffsets: column.valueOffsets }),
    ...(column.nullBitmap && { nullBitmap: column.nullBitmap }),
    children: [],
  }));
  return { schema, numRows: rowCount, data: { children } };
}

function byteCountOf({ columns }: PackedBatch): number {
  return columns.reduce(
    (sum, { values, valueOffsets }) => sum + values.byteLength + (valueOffsets?.byteLength ?? 0),
    0,
  );
}
