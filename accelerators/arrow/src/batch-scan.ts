import { projectBatch, sliceBatch } from '@millrace/arrow';
import {
  type Applied,
  cancelledError,
  type ExecutionPlan,
  MillraceError,
  type RecordBatch,
  type ScanContext,
  type ScanRequest,
  type Schema,
} from '@millrace/core';
import type { Version } from './arrow-table.ts';

/** What is scanned. */
export interface BatchScan {
  readonly component: string;
  readonly schema: Schema;
  /** The version that the plan reads, whatever is published later. */
  readonly version: Version;
  readonly request: ScanRequest;
}

/**
 * Plans a scan over the batches: columns are chosen without a copy, and a limit or offset is applied where nothing has to happen
 * before it. Filters and orders are left to the engine, which is the faster one at them.
 *
 * @throws MillraceError `unsupported` for an older version or a metadata column, as there are none.
 */
export function planBatchScan({ component, schema, version, request }: BatchScan): ExecutionPlan {
  const unsupported = request.at ? 'older versions' : request.metadataColumns?.length ? 'metadata columns' : undefined;
  if (unsupported !== undefined)
    throw new MillraceError({
      code: 'unsupported',
      component,
      connector: 'arrow',
      message: `the accelerated table has no ${unsupported}`,
      hint: 'Read them from a dataset that is not accelerated',
    });
  const applied = toApplied(request);
  const start = applied.offset === true ? clamp(request.offset, version.rowCount) : 0;
  const end =
    applied.limit === 'exact' ? clamp(BigInt(start) + (request.limit ?? 0n), version.rowCount) : version.rowCount;
  const planned: Schema = { fields: request.projection.map((ordinal) => fieldAt(schema, ordinal)) };
  return {
    schema: planned,
    applied,
    partitions: [{ id: 0, detail: null, rowCount: end - start }],
    statistics: async () => ({
      rowCount: { value: BigInt(end - start), exact: true },
      byteCount: { value: BigInt(Math.ceil(estimateBytes(version, planned, schema, end - start))), exact: false },
    }),
    execute: (_, context) => readBatches({ version, request, planned, start, end, component }, context),
    explain: () => ({ source: `arrow ${component}`, statement: `${version.batches.length} batches in memory` }),
  };
}

function toApplied({ filters, sample, aggregate, order, offset, limit }: ScanRequest): Applied {
  const isPlain = filters.length === 0 && !sample && !aggregate && !order;
  return {
    filters: filters.map(() => 'none'),
    ...(isPlain && offset !== undefined ? { offset: true } : {}),
    ...(isPlain && limit !== undefined ? { limit: 'exact' } : {}),
  };
}

interface ReadRequest {
  readonly version: Version;
  readonly request: ScanRequest;
  readonly planned: Schema;
  readonly start: number;
  readonly end: number;
  readonly component: string;
}

async function* readBatches(
  { version, request, planned, start, end, component }: ReadRequest,
  { signal, batchRowCount }: ScanContext,
): AsyncGenerator<RecordBatch, void, undefined> {
  let first = 0;
  for (const batch of version.batches) {
    const from = Math.max(start - first, 0);
    const to = Math.min(end - first, batch.numRows);
    first += batch.numRows;
    for (let row = from; row < to; ) {
      if (signal.aborted) throw cancelledError(component, signal);
      const next = Math.min(to, row + Math.max(1, batchRowCount ?? to));
      const { data } = projectBatch(sliceBatch(batch, row, next), request.projection);
      yield { schema: planned, numRows: next - row, data };
      row = next;
    }
  }
  if (signal.aborted) throw cancelledError(component, signal);
}

function estimateBytes({ byteCount, rowCount }: Version, planned: Schema, schema: Schema, rows: number): number {
  return (byteCount * rows * planned.fields.length) / Math.max(1, rowCount) / Math.max(1, schema.fields.length);
}

function fieldAt({ fields }: Schema, ordinal: number): Schema['fields'][number] {
  const field = fields[ordinal];
  if (!field) throw new TypeError(`the table has no column ${ordinal}`);
  return field;
}

function clamp(count: bigint | undefined, maximum: number): number {
  return count === undefined || count > BigInt(maximum) ? maximum : Number(count);
}
