import type { MetricsProvider } from '@millrace/core';

/** What a connector's scans came to so far. */
export class ScanMetrics implements MetricsProvider {
  scanCount = 0;
  rowCount = 0;
  byteCount = 0;
  /** Of the newest scan: milliseconds from its start to its first batch. */
  lastFirstBatchMs = 0;

  metrics(): Readonly<Record<string, number>> {
    return {
      scans: this.scanCount,
      rows: this.rowCount,
      bytes: this.byteCount,
      last_first_batch_ms: this.lastFirstBatchMs,
    };
  }
}
