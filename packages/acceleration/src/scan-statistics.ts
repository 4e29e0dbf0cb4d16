import type { Applied, ExecutionPlan, ScanRequest } from '@millrace/core';

/** A scan as it was planned. */
export interface CountedScan {
  /** Rows that the table has now; undefined where that is not known. */
  readonly rowCount: bigint | undefined;
  readonly request: ScanRequest;
  readonly applied: Applied;
}

/** The statistics of a scan's plan: its count of rows, as far as that follows from the table's; none where it does not. */
export function scanStatistics(scan: CountedScan): Pick<ExecutionPlan, 'statistics'> {
  const value = rowCountOf(scan);
  return value === undefined ? {} : { statistics: async () => ({ rowCount: { value, exact: false } }) };
}

function rowCountOf({ rowCount, request, applied }: CountedScan): bigint | undefined {
  const { filters, sample, aggregate, offset, limit } = request;
  if (rowCount === undefined || filters.length > 0 || sample || aggregate) return undefined;
  const start = applied.offset === true ? (offset ?? 0n) : 0n;
  const rest = rowCount > start ? rowCount - start : 0n;
  return applied.limit === 'exact' && limit !== undefined && limit < rest ? limit : rest;
}
