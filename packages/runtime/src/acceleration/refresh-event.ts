import type { RefreshReport } from './refresh-run.ts';

/**
 * Why a refresh runs: the first load or a restart (`start`, put off where the dataset depends on others), the schedule, a retry after a
 * failure, or somebody who asked for it, be that the host or the connector.
 */
export type RefreshTrigger = 'start' | 'schedule' | 'retry' | 'request';

/** What every event of a refresh says. */
export interface RefreshEventBase {
  readonly dataset: string;
  readonly trigger: RefreshTrigger;
  /** 1, and one more for each retry in a row. */
  readonly attempt: number;
  /** When it happened, by the clock of the runtime; milliseconds since 1970-01-01 UTC. */
  readonly atMs: number;
}

/** A refresh begins; it has waited for its turn by then. */
export interface RefreshStarted extends RefreshEventBase {
  readonly kind: 'refresh_started';
}

/**
 * How far a refresh is. Told with the first batch of rows, then at most every 200 ms of the runtime's clock; never where the accelerator
 * reads the source by itself.
 */
export interface RefreshProgressed extends RefreshEventBase {
  readonly kind: 'refresh_progress';
  /** Rows and bytes since the refresh began; bytes as in {@link RefreshReport.byteCount}. */
  readonly rowCount: bigint;
  readonly byteCount: number;
  readonly durationMs: number;
}

/** Rows and checkpoint are published. */
export interface RefreshFinished extends RefreshEventBase, RefreshReport {
  readonly kind: 'refresh_finished';
  /** When it is refreshed by itself again; milliseconds since 1970-01-01 UTC; absent when nothing is planned. */
  readonly nextRefreshAtMs?: number;
}

/** Nothing has changed: the rows of the last refresh keep being served. `cancelled` when the runtime or the dataset was closed. */
export interface RefreshFailed extends RefreshEventBase {
  readonly kind: 'refresh_failed';
  readonly durationMs: number;
  /** The code of the error; `internal` for one that is no MillraceError. */
  readonly code: string;
  readonly message: string;
  /** Milliseconds until it is tried again, and when that is; absent when nothing is planned. */
  readonly retryInMs?: number;
  readonly nextRefreshAtMs?: number;
}

/** What happens to the accelerated rows of a dataset, as it happens; each start has one end. Messages hold no secrets. */
export type RefreshEvent = RefreshStarted | RefreshProgressed | RefreshFinished | RefreshFailed;

/** Told while a refresh runs. */
export type RefreshProgress = (
  progress: Pick<RefreshProgressed, 'dataset' | 'rowCount' | 'byteCount' | 'durationMs'>,
) => void;

/** Takes events; what it throws is logged and otherwise without consequence. */
export type RefreshListener = (event: RefreshEvent) => void;
