import type { Partition, ScanContext } from '@millrace/core';
import type { SqlText } from '@millrace/sql';

/** Pages of 8 KiB that make a partition worth its connection. */
const MIN_PAGES = 512;

/** What partitions are cut from. */
export interface PartitionRequest {
  /** Pages of the table now; undefined where it has none of its own. */
  readonly pages: number | undefined;
  readonly context: ScanContext;
  readonly poolSize: number;
}

/** Cuts a table into ranges of pages; the last one is open, as the table may grow. */
export function planPartitions({ pages, context, poolSize }: PartitionRequest): readonly Partition[] {
  const count = Math.min(context.targetPartitions ?? 1, poolSize, Math.floor((pages ?? 0) / MIN_PAGES));
  if (pages === undefined || count < 2) return [{ id: 0, detail: null }];
  const size = Math.ceil(pages / count);
  return Array.from({ length: count }, (_, id) => ({
    id,
    detail: { startPage: id * size, ...(id + 1 < count ? { endPage: (id + 1) * size } : {}) },
  }));
}

/** The condition that cuts a partition out; undefined for a whole table. Page numbers are the connector's own, so they are written. */
export function partitionCondition({ detail }: Partition): SqlText | undefined {
  if (detail === null) return undefined;
  const { startPage, endPage } = detail as { readonly startPage: number; readonly endPage?: number };
  const bounds = [
    ...(startPage > 0 ? [`ctid >= '(${Math.trunc(startPage)},0)'::tid`] : []),
    ...(endPage === undefined ? [] : [`ctid < '(${Math.trunc(endPage)},0)'::tid`]),
  ];
  return { sql: bounds.join(' AND '), parameters: [] };
}
