import { createBreather, projectBatch, sliceBatch } from '@millrace/arrow';
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
import { BLOCK_ROWS } from './block-bounds.ts';
import type { BlockFilterScope } from './block-filter.ts';
import { type BlockSelection, selectBlocks } from './read-blocks.ts';

/** What is scanned. */
export interface BatchScan {
  readonly component: string;
  readonly scope: BlockFilterScope;
  /** The version that the plan reads, whatever is published later. */
  readonly version: Version;
  readonly request: ScanRequest;
}

/**
 * Plans a scan over the batches: columns are chosen without a copy, blocks of rows that the filters rule out are left out, and a limit or offset is
 * applied where nothing has to happen before it. Filters of rows and orders are left to the engine, which is the faster one at them.
 *
 * @throws MillraceError `unsupported` for an older version or a metadata column, as there are none; `cancelled`.
 */
export function planBatchScan(scan: BatchScan, { signal }: ScanContext): ExecutionPlan | Promise<ExecutionPlan> {
  const { component, scope, version, request } = scan;
  const unsupported = request.at ? 'older versions' : request.metadataColumns?.length ? 'metadata columns' : undefined;
  if (unsupported !== undefined)
    throw new MillraceError({
      code: 'unsupported',
      component,
      connector: 'arrow',
      message: `the accelerated table has no ${unsupported}`,
      hint: 'Read them from a dataset that is not accelerated',
    });
  const { batches } = version;
  // A sample is taken of all rows, before filters.
  if (request.sample || request.filters.length === 0) return planSelection(scan, undefined);
  const breather = createBreather(component, signal);
  return selectBlocks({ batches, filters: request.filters, scope, breather }).then((selection) =>
    planSelection(scan, selection),
  );
}

function planSelection(scan: BatchScan, selection: BlockSelection | undefined): ExecutionPlan {
  const { component, scope, version, request } = scan;
  const { schema } = scope;
  const { batches, rowCount } = selection ?? version;
  const applied = toApplied(request, selection);
  const start = applied.offset === true ? clamp(request.offset, rowCount) : 0;
  const end = applied.limit === 'exact' ? clamp(BigInt(start) + (request.limit ?? 0n), rowCount) : rowCount;
  const planned: Schema = { fields: request.projection.map((ordinal) => fieldAt(schema, ordinal)) };
  return {
    schema: planned,
    applied,
    partitions: [{ id: 0, detail: null, rowCount: end - start }],
    statistics: async () => ({
      rowCount: { value: BigInt(end - start), exact: true },
      byteCount: { value: BigInt(Math.ceil(estimateBytes(version, planned, schema, end - start))), exact: false },
    }),
    execute: (_, context) => readBatches({ batches, request, planned, start, end, component }, context),
    explain: () => ({ source: `arrow ${component}`, notes: [describe(version, selection)] }),
  };
}

function describe({ batches }: Version, selection: BlockSelection | undefined): string {
  const held = `${batches.length} batches in memory`;
  if (!selection?.canRuleOut.includes(true)) return held;
  return `${held}, ${selection.readCount} of ${selection.blockCount} blocks of ${BLOCK_ROWS} rows`;
}

function toApplied(
  { filters, sample, aggregate, order, offset, limit }: ScanRequest,
  selection: BlockSelection | undefined,
): Applied {
  const isPlain = filters.length === 0 && !sample && !aggregate && !order;
  return {
    filters: filters.map((_, index) => (selection?.canRuleOut[index] === true ? 'inexact' : 'none')),
    ...(isPlain && offset !== undefined ? { offset: true } : {}),
    ...(isPlain && limit !== undefined ? { limit: 'exact' } : {}),
  };
}

interface ReadRequest {
  readonly batches: readonly RecordBatch[];
  readonly request: ScanRequest;
  readonly planned: Schema;
  readonly start: number;
  readonly end: number;
  readonly component: string;
}

async function* readBatches(
  { batches, request, planned, start, end, component }: ReadRequest,
  { signal, batchRowCount }: ScanContext,
): AsyncGenerator<RecordBatch, void, undefined> {
  let first = 0;
  for (const batch of batches) {
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
