import type { Logger } from '@millrace/core';
import type { Clock } from '../acceleration/clock.ts';
import type { RefreshEvent, RefreshListener, RefreshTrigger } from '../acceleration/refresh-event.ts';
import type { RefreshReport } from '../acceleration/refresh-run.ts';
import { describeError, errorCodeOf } from './describe-error.ts';
import type { Observer } from './observer.ts';
import type { OpenSpan } from './tracing.ts';

/** The last refresh of a dataset that succeeded in this process. */
export interface LastRefresh extends Omit<RefreshReport, 'dataset'> {
  /** Milliseconds since 1970-01-01 UTC. */
  readonly startedAtMs: number;
  readonly trigger: RefreshTrigger;
  /** 1, and one more for each retry in a row. */
  readonly attempt: number;
}

/** What a {@link RefreshJournal} works with. */
export interface RefreshJournalParts {
  readonly dataset: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onEvent?: RefreshListener;
  /** Traces the refreshes. */
  readonly observer?: Observer;
}

/** Least time between two events of progress, in milliseconds. */
const PROGRESS_INTERVAL_MS = 200;

/** Tells the log and the listeners of the refreshes of one dataset, and keeps what the last one did. */
export class RefreshJournal {
  readonly #parts: RefreshJournalParts;
  #last: LastRefresh | undefined;

  constructor(parts: RefreshJournalParts) {
    this.#parts = parts;
  }

  /** Undefined until a refresh has succeeded in this process. */
  get last(): LastRefresh | undefined {
    return this.#last;
  }

  /** A refresh that waits for its turn. */
  expect(trigger: RefreshTrigger, attempt: number): RefreshEntry {
    return new RefreshEntry({ ...this.#parts, trigger, attempt, keep: (last) => (this.#last = last) });
  }
}

/** What an attempt came to, as far as it is planned what follows. */
export interface PlannedNext {
  /** Milliseconds since 1970-01-01 UTC; undefined when nothing is planned. */
  readonly nextRefreshAtMs: number | undefined;
}

interface RefreshEntryParts extends RefreshJournalParts {
  readonly trigger: RefreshTrigger;
  readonly attempt: number;
  readonly keep: (last: LastRefresh) => void;
}

/** One attempt to refresh: its start, its progress and its end. */
export class RefreshEntry {
  readonly #parts: RefreshEntryParts;
  #startedAtMs: number | undefined;
  #started: number = performance.now();
  #toldAtMs: number | undefined;
  #span: OpenSpan | undefined;

  constructor(parts: RefreshEntryParts) {
    this.#parts = parts;
  }

  get durationMs(): number {
    return performance.now() - this.#started;
  }

  /** Its turn has come. */
  begin(): void {
    this.#startedAtMs = this.#parts.clock.now();
    this.#started = performance.now();
    const { observer, dataset, trigger } = this.#parts;
    this.#span = observer?.refresh(dataset, trigger);
    this.#tell({ kind: 'refresh_started', ...this.#base() });
  }

  /** Does the work of the refresh, whose scans nest under it. */
  run<T>(work: () => Promise<T>): Promise<T> {
    return this.#span ? this.#span.run(work) : work();
  }

  /** So many rows and bytes have come since it began. */
  readonly progress = (rowCount: bigint, byteCount: number): void => {
    const nowMs = this.#parts.clock.now();
    if (this.#toldAtMs !== undefined && nowMs - this.#toldAtMs < PROGRESS_INTERVAL_MS) return;
    this.#toldAtMs = nowMs;
    this.#tell({ kind: 'refresh_progress', ...this.#base(), rowCount, byteCount, durationMs: this.durationMs });
  };

  finish(report: RefreshReport, { nextRefreshAtMs }: PlannedNext): void {
    const { dataset, trigger, attempt, logger } = this.#parts;
    const { rowCount, durationMs, path, mode } = report;
    this.#parts.keep({ ...report, startedAtMs: this.#startedAtMs ?? this.#parts.clock.now(), trigger, attempt });
    logger.info('dataset refreshed', { dataset, rowCount, durationMs: Math.round(durationMs), path, mode });
    this.#span?.set({
      'millrace.row_count': Number(rowCount),
      'millrace.refresh_path': path,
      ...(mode === undefined ? {} : { 'millrace.refresh_mode': mode }),
    });
    this.#span?.end();
    const next = nextRefreshAtMs === undefined ? {} : { nextRefreshAtMs };
    this.#tell({ kind: 'refresh_finished', ...this.#base(), ...report, ...next });
  }

  /** `serving` says what queries are answered from meanwhile. */
  fail(error: unknown, serving: string, { nextRefreshAtMs }: PlannedNext): void {
    const { dataset, logger, clock } = this.#parts;
    const code = errorCodeOf(error);
    const message = describeError(error);
    this.#span?.end(error);
    const next =
      nextRefreshAtMs === undefined ? {} : { retryInMs: Math.max(0, nextRefreshAtMs - clock.now()), nextRefreshAtMs };
    if (code !== 'cancelled') {
      const { attempt } = this.#parts;
      logger.warn('refresh failed', { dataset, reason: message, serving, attempt, ...next });
    }
    // One that was cancelled before its turn has never been told of.
    if (this.#startedAtMs === undefined) return;
    this.#tell({ kind: 'refresh_failed', ...this.#base(), durationMs: this.durationMs, code, message, ...next });
  }

  #base() {
    const { dataset, trigger, attempt, clock } = this.#parts;
    return { dataset, trigger, attempt, atMs: clock.now() };
  }

  #tell(event: RefreshEvent): void {
    try {
      this.#parts.onEvent?.(event);
    } catch (error) {
      this.#parts.logger.error('a listener of refresh events failed', { reason: describeError(error) });
    }
  }
}
