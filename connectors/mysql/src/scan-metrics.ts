import type { MetricsProvider } from '@millrace/core';
import type { PoolCounts } from './client/connection-pool.ts';

/** What the scans of one connector have done so far. */
export class ScanMetrics implements MetricsProvider {
  readonly #counts: () => PoolCounts;
  #scans = 0;
  #failed = 0;
  #stopped = 0;
  #rows = 0n;
  #bytes = 0n;
  #batches = 0;
  #firstBatches = 0;
  #firstBatchMs = 0;

  constructor(counts: () => PoolCounts) {
    this.#counts = counts;
  }

  scanStarted(): void {
    this.#scans++;
  }

  /** A scan has ended; `stopped` before its last row because nobody wanted more. */
  scanEnded(outcome: 'complete' | 'stopped' | 'failed', receivedBytes: number): void {
    this.#bytes += BigInt(receivedBytes);
    if (outcome === 'failed') this.#failed++;
    if (outcome === 'stopped') this.#stopped++;
  }

  batchRead(rowCount: number, firstAfterMs: number | undefined): void {
    this.#batches++;
    this.#rows += BigInt(rowCount);
    if (firstAfterMs === undefined) return;
    this.#firstBatches++;
    this.#firstBatchMs += firstAfterMs;
  }

  metrics(): Readonly<Record<string, number | bigint>> {
    const { open, idle, waiting } = this.#counts();
    return {
      scans: this.#scans,
      scans_failed: this.#failed,
      scans_stopped: this.#stopped,
      rows: this.#rows,
      bytes: this.#bytes,
      batches: this.#batches,
      /** Milliseconds from the start of a scan to its first batch, on average. */
      time_to_first_batch_ms: this.#firstBatches === 0 ? 0 : this.#firstBatchMs / this.#firstBatches,
      connections_open: open,
      connections_idle: idle,
      connections_waited_for: waiting,
    };
  }
}
