import type { RefreshEvent } from '../acceleration/refresh-event.ts';
import { Counter } from './counter.ts';
import { Histogram } from './histogram.ts';
import type { MetricFamily } from './metric-family.ts';
import { RefreshLag } from './refresh-lag.ts';

/** Milliseconds; a point lookup is in the first ones, an export in the last. */
const QUERY_BOUNDS_MS: readonly number[] = [1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 60_000];

/** Milliseconds, up to an hour. */
const REFRESH_BOUNDS_MS: readonly number[] = [
  10, 50, 100, 500, 1_000, 5_000, 10_000, 30_000, 60_000, 300_000, 900_000, 3_600_000,
];

/** What came of one query. `closed`: the reader left before the last row. */
export interface QueryOutcome {
  readonly outcome: 'complete' | 'closed' | 'failed';
  /** Of the error; there is one where it failed. */
  readonly code?: string;
  /** How long its caller waited; see the description of the metric. */
  readonly waitedMs: number;
  /** The part of that in which its sources were read and it was run; undefined where it did not come to that. */
  readonly executedMs?: number | undefined;
  readonly rowCount: number;
  readonly byteCount: number;
}

/** What came of one scan. */
export interface ScanOutcome {
  /** The dataset, or the catalog, of whose tables there can be very many. */
  readonly dataset: string;
  /** Id of the connector that was read; of the accelerator for the copy of a dataset. */
  readonly system: string;
  readonly outcome: QueryOutcome['outcome'];
  readonly durationMs: number;
  /** Until the first batch was there; undefined where there was none. */
  readonly firstBatchMs: number | undefined;
  readonly rowCount: number;
  readonly byteCount: number;
}

/** Counts what a runtime does. The states of its parts are asked for when somebody looks. */
export class ActivityMetrics {
  #activeQueries = 0;
  #names: ReadonlySet<string> = new Set();
  readonly #queries = new Counter({ name: 'query_executions', help: 'Queries that have ended, by what came of them.' });
  readonly #failures = new Counter({ name: 'query_failures', help: 'Queries that failed, by the code of the error.' });
  readonly #waits = new Histogram({
    name: 'query_duration_ms',
    help: 'Milliseconds that callers waited for a query and its rows; time in which a reader does something else is not counted.',
    bounds: QUERY_BOUNDS_MS,
  });
  readonly #executions = new Histogram({
    name: 'query_execution_duration_ms',
    help: 'Milliseconds of query_duration_ms behind the planning: for reading the sources and running the statement.',
    bounds: QUERY_BOUNDS_MS,
  });
  readonly #returnedRows = new Counter({ name: 'query_returned_rows', help: 'Rows that queries returned.' });
  readonly #returnedBytes = new Counter({
    name: 'query_returned_bytes',
    help: "Bytes that queries returned, in Arrow's layout.",
  });
  readonly #scans = new Counter({
    name: 'scan_executions',
    help: 'Scans of a dataset through its connector or accelerator that have ended, for queries and refreshes.',
  });
  readonly #scannedRows = new Counter({ name: 'scan_rows', help: 'Rows that scans delivered.' });
  readonly #scannedBytes = new Counter({ name: 'scan_bytes', help: "Bytes that scans delivered, in Arrow's layout." });
  readonly #scanDurations = new Histogram({
    name: 'scan_duration_ms',
    help: 'Milliseconds from the start of a scan to its last batch.',
    bounds: QUERY_BOUNDS_MS,
  });
  readonly #firstBatches = new Histogram({
    name: 'scan_first_batch_ms',
    help: 'Milliseconds from the start of a scan to its first batch.',
    bounds: QUERY_BOUNDS_MS,
  });
  readonly #loadErrors = new Counter({
    name: 'dataset_load_errors',
    help: 'Attempts to make a dataset known that failed, by the code of the error.',
  });
  readonly #refreshDurations = new Histogram({
    name: 'dataset_acceleration_refresh_duration_ms',
    help: 'Milliseconds that refreshes took which succeeded.',
    bounds: REFRESH_BOUNDS_MS,
  });
  readonly #refreshErrors = new Counter({
    name: 'dataset_acceleration_refresh_errors',
    help: 'Attempts to refresh a dataset that failed, by the code of the error.',
  });
  readonly #schemaChanges = new Counter({
    name: 'schema_evolution_detected',
    help: 'Refreshes that found other columns at the source of a dataset than its copy has.',
  });
  readonly #appliedSchemaChanges = new Counter({
    name: 'schema_evolution_applied',
    help: 'Changes of the columns of a copy to those of its source.',
  });
  readonly #refreshLag = new RefreshLag();
  readonly #writtenRows = new Counter({
    name: 'dataset_acceleration_refresh_rows_written',
    help: 'Rows that refreshes wrote.',
  });
  readonly #writtenBytes = new Counter({
    name: 'dataset_acceleration_refresh_bytes_written',
    help: "Bytes that refreshes wrote, in Arrow's layout; not those that an accelerator reads from a source by itself.",
  });

  queryBegins(): void {
    this.#activeQueries += 1;
  }

  queryEnded({ outcome, code, waitedMs, executedMs, rowCount, byteCount }: QueryOutcome): void {
    this.#activeQueries -= 1;
    this.#queries.add(1, { outcome });
    if (code !== undefined) this.#failures.add(1, { code });
    this.#waits.observe(waitedMs);
    if (executedMs !== undefined) this.#executions.observe(executedMs);
    this.#returnedRows.add(rowCount);
    this.#returnedBytes.add(byteCount);
  }

  scanEnded({ dataset, system, outcome, durationMs, firstBatchMs, rowCount, byteCount }: ScanOutcome): void {
    this.#scans.add(1, { dataset, system, outcome });
    this.#scannedRows.add(rowCount, { dataset, system });
    this.#scannedBytes.add(byteCount, { dataset, system });
    this.#scanDurations.observe(durationMs, { system });
    if (firstBatchMs !== undefined) this.#firstBatches.observe(firstBatchMs, { system });
  }

  /** A dataset could not be connected, or its copy not be opened. */
  loadFailed(dataset: string, code: string): void {
    this.#loadErrors.add(1, { dataset, code });
  }

  /** A refresh looked at its source, whose columns are not those of the copy. */
  schemaChanged(dataset: string): void {
    this.#schemaChanges.add(1, { dataset });
  }

  /** A copy has the changed columns from now on. */
  schemaChangeApplied(dataset: string): void {
    this.#appliedSchemaChanges.add(1, { dataset });
  }

  /** To be told of every event of a refresh. */
  readonly hear = (event: RefreshEvent): void => {
    const { dataset } = event;
    if (event.kind === 'refresh_finished') {
      const { mode = 'full', durationMs, rowCount, byteCount } = event;
      this.#refreshDurations.observe(durationMs, { dataset, mode });
      this.#refreshLag.hear(event);
      this.#writtenRows.add(Number(rowCount), { dataset });
      if (byteCount !== undefined) this.#writtenBytes.add(byteCount, { dataset });
    }
    if (event.kind === 'refresh_failed' && event.code !== 'cancelled')
      this.#refreshErrors.add(1, { dataset, code: event.code });
  };

  /** The series of datasets and catalogs that were among the names before, and are not any more, are gone from now on. */
  families(names: ReadonlySet<string>): readonly MetricFamily[] {
    const metrics = [
      this.#queries,
      this.#failures,
      this.#waits,
      this.#executions,
      this.#returnedRows,
      this.#returnedBytes,
      this.#scans,
      this.#scannedRows,
      this.#scannedBytes,
      this.#scanDurations,
      this.#firstBatches,
      this.#loadErrors,
      this.#refreshDurations,
      this.#refreshErrors,
      this.#writtenRows,
      this.#writtenBytes,
      this.#schemaChanges,
      this.#appliedSchemaChanges,
    ];
    const gone = new Set([...this.#names].filter((name) => !names.has(name)));
    this.#names = names;
    for (const name of gone) this.#refreshLag.forget(name);
    if (gone.size > 0)
      for (const metric of metrics) metric.keep(({ dataset }) => dataset === undefined || !gone.has(dataset));
    const active = { labels: {}, value: this.#activeQueries };
    return [
      {
        name: 'query_active_count',
        help: 'Queries that are running, or whose rows are being read.',
        kind: 'gauge',
        samples: [active],
      },
      ...metrics.map((metric) => metric.toFamily()),
      ...this.#refreshLag.families(),
    ];
  }
}
