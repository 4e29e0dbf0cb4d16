import {
  type AcceleratedTable,
  cancelledError,
  isMillraceError,
  type Logger,
  type MillraceError,
  type Schema,
  type TableProvider,
} from '@millrace/core';
import { createLifetime } from '../lifetime.ts';
import type { Observer } from '../observability/observer.ts';
import { type RefreshEntry, RefreshJournal } from '../observability/refresh-journal.ts';
import { type AccelerationState, type AccelerationStatus, toAccelerationStatus } from './acceleration-status.ts';
import { type Clock, systemClock } from './clock.ts';
import type { DefinitionKeeper } from './definition-keeper.ts';
import { keepProcess } from './keep-process.ts';
import { notLoadedError } from './not-loaded-error.ts';
import type { RefreshListener, RefreshTrigger } from './refresh-event.ts';
import { refreshFailure } from './refresh-failure.ts';
import { RefreshLimit } from './refresh-limit.ts';
import { type RefreshOverrides, type RefreshReport, type RefreshRunParts, runRefresh } from './refresh-run.ts';
import type { RefreshSchedule } from './refresh-schedule.ts';
import { requirePossible } from './require-possible.ts';
import { retryDelayMs } from './retry-delay.ts';

/** What an {@link Acceleration} is made of. */
export interface AccelerationParts extends Omit<RefreshRunParts, 'now' | 'onRows' | 'redefine'> {
  readonly definitions: Pick<DefinitionKeeper, 'prepare' | 'isPending'>;
  readonly schedule: RefreshSchedule;
  /** Times that a refresh is tried again after an error that may pass; 0 for never, infinity for no bound. */
  readonly maxRetries: number;
  /** Whether rows that are there already are loaded anew at start even if they are young enough. */
  readonly onStartup: 'auto' | 'always';
  /** Awaited before a refresh takes its place among those that run at the same time; never rejects. */
  readonly precede?: () => Promise<void>;
  readonly limit: RefreshLimit;
  readonly logger: Logger;
  readonly clock?: Clock;
  readonly onEvent?: RefreshListener;
  /** Traces the refreshes. */
  readonly observer?: Observer;
  /** The file that holds the copy, where one does. */
  readonly filePath?: string | undefined;
}

/**
 * Keeps one accelerated table up to date: loads it at start, again by its schedule and on request, one refresh at a time.
 *
 * A refresh that fails changes nothing: the rows of the last one keep being served and the state says `error`. It is tried again, sooner
 * than the schedule says, where the error may pass.
 */
export class Acceleration implements AsyncDisposable {
  readonly #parts: AccelerationParts;
  readonly #clock: Clock;
  readonly #journal: RefreshJournal;
  readonly #lifetime: AbortController = createLifetime();
  /** Settles when the first attempt has ended, however it ended, or none will be made any more. */
  readonly #attempted: Promise<void>;
  #endFirstAttempt: () => void = () => {};
  #isExpected = false;
  #hasAttempted = false;
  /** Whoever writes to the table waits for the one before. */
  readonly #turns = new RefreshLimit(1);
  #running: Promise<RefreshReport> | undefined;
  /** The one that comes as soon as the running one has ended. */
  #renewal: Promise<RefreshReport> | undefined;
  #cancelTimer: () => void = () => {};
  #nextRefreshAtMs: number | undefined;
  #planned: RefreshTrigger | undefined;
  #retries = 0;
  #lastError: unknown;

  constructor(parts: AccelerationParts) {
    this.#parts = parts;
    this.#clock = parts.clock ?? systemClock;
    this.#journal = new RefreshJournal({ ...parts, clock: this.#clock });
    this.#attempted = new Promise((resolve) => {
      this.#endFirstAttempt = resolve;
    });
  }

  /** The columns of the accelerated table. */
  get schema(): Schema {
    return this.#parts.table.schema;
  }

  get status(): AccelerationStatus {
    const { table, timeColumn, filePath, mode, definitions } = this.#parts;
    // The watermark of other columns may be in other units.
    const isMarked = mode === 'append' && !definitions.isPending;
    return toAccelerationStatus({
      state: this.#state(),
      checkpoint: table.checkpoint,
      timeColumn: isMarked ? timeColumn : undefined,
      filePath,
      last: this.#journal.last,
      nextRefreshAtMs: this.#nextRefreshAtMs,
      error: this.#lastError,
      nowMs: this.#clock.now(),
    });
  }

  /** Whether there are rows to read. */
  get isLoaded(): boolean {
    return this.#parts.table.checkpoint !== undefined;
  }

  /**
   * Loads the table unless what it holds is still good, and keeps refreshing by the schedule. A first load waits for `after`, which never
   * rejects. The rows of a source that is known to be absent are not good: it is looked for at once, and again by the rules of failures.
   */
  start(after: Promise<unknown> = Promise.resolve(), absence?: MillraceError): void {
    const { table, schedule, mode, onStartup } = this.#parts;
    const { checkpoint } = table;
    this.#lastError = absence;
    const isYoung = checkpoint && mode === 'full' && !schedule.isStale(checkpoint.refreshedAtMs);
    const isGood = isYoung && onStartup === 'auto' && !absence && !this.#parts.definitions.isPending;
    if (isGood) {
      this.#endFirstAttempt();
      this.#plan(schedule.nextDelayMs(checkpoint.refreshedAtMs), 'schedule');
      return;
    }
    this.#isExpected = true;
    void after.then(() => {
      if (this.#running || this.#lifetime.signal.aborted) return;
      const delayMs = schedule.startDelayMs();
      if (delayMs > 0) this.#plan(delayMs, 'start');
      else this.#runUnattended('start');
    });
  }

  /**
   * What refreshes go by has changed: the next one comes by that. One that is running ends as it began, and what was planned for a start, or sooner
   * than the schedule after an error, stays planned.
   */
  replan(): void {
    const { table, schedule, maxRetries } = this.#parts;
    if (this.#running || this.#planned === 'start' || (this.#isExpected && !this.#hasAttempted)) return;
    const regularMs = schedule.nextDelayMs(table.checkpoint?.refreshedAtMs ?? this.#clock.now());
    const isRetried = this.#planned === 'retry' && this.#retries <= maxRetries;
    const retryMs = isRetried ? Math.max(0, (this.#nextRefreshAtMs ?? 0) - this.#clock.now()) : undefined;
    if (retryMs !== undefined && retryMs <= (regularMs ?? retryMs)) this.#plan(retryMs, 'retry');
    else this.#plan(regularMs, 'schedule');
  }

  /** Settles once there are rows, or the first attempt to load them has failed. */
  async attempted(): Promise<void> {
    if (!this.isLoaded) await keepProcess(this.#attempted);
  }

  /** Settles once the first load has been tried, and no refresh is running or comes at once. */
  async settled(): Promise<void> {
    await this.attempted();
    for (let next = this.#next(); next; next = this.#next()) await next.catch(() => undefined);
  }

  /**
   * Refreshes now. A refresh that is running already is the one that is awaited; one with overrides begins when that has ended.
   * @throws MillraceError `invalid_argument` or `unsupported` for overrides that are not possible, and why it failed; the old rows stay.
   */
  async refresh(overrides: RefreshOverrides = {}): Promise<RefreshReport> {
    requirePossible(overrides, this.#parts);
    const isPlain = overrides.mode === undefined && overrides.refreshSql === undefined;
    while (this.#running) {
      if (isPlain) return this.#running;
      await this.#running.catch(() => undefined);
    }
    return this.#run('request', overrides);
  }

  /**
   * Refreshes as something that rows come from has changed: what is running may have read it before, and is followed by another refresh. Whoever
   * asks meanwhile waits for the same one.
   * @throws MillraceError why it failed; the old rows stay.
   */
  renew(): Promise<RefreshReport> {
    if (!this.#running) return this.#run('request', {});
    this.#renewal ??= this.#running
      .catch(() => undefined)
      .then(() => {
        this.#renewal = undefined;
        return this.renew();
      });
    return this.#renewal;
  }

  /**
   * The table to read from. Waits for the first load where there is nothing to read yet.
   * @throws MillraceError `not_ready` with the reason when the first load failed.
   */
  async provider(): Promise<TableProvider> {
    const { table, dataset } = this.#parts;
    if (table.checkpoint) return table;
    if (this.#isExpected) await keepProcess(this.#attempted);
    await this.#running?.catch(() => undefined);
    if (table.checkpoint) return table;
    throw notLoadedError(dataset, this.#lastError);
  }

  /** The version of rows that others than this process may change; undefined where nobody else does. */
  get version(): ((signal: AbortSignal) => Promise<string | undefined>) | undefined {
    const { table } = this.#parts;
    return table.version && ((signal) => table.version!({ signal }));
  }

  /** Works on the table while nobody else writes to it. */
  withTable<T>(work: (table: AcceleratedTable, signal: AbortSignal) => Promise<T>): Promise<T> {
    const { signal } = this.#lifetime;
    return this.#turns.run(() => work(this.#parts.table, signal), signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Stops refreshing; a refresh that is running is cancelled and changes nothing. Idempotent. */
  async stop(): Promise<void> {
    this.#plan(undefined, 'schedule');
    this.#lifetime.abort();
    this.#endFirstAttempt();
    await this.#running?.catch(() => undefined);
  }

  /** {@link stop}, and lets go of what rows were loaded from and are read through. Idempotent. */
  async close(): Promise<void> {
    await this.stop();
    await this.#parts.source.close();
  }

  #state(): AccelerationState {
    if (this.#running) return this.isLoaded ? 'refreshing' : 'loading';
    if (this.#lastError !== undefined) return 'error';
    return this.isLoaded ? 'ready' : 'loading';
  }

  /** Lets the next refresh come by itself, in the place of one that was planned before. */
  #plan(delayMs: number | undefined, trigger: RefreshTrigger): void {
    this.#cancelTimer();
    this.#cancelTimer = () => {};
    this.#nextRefreshAtMs = undefined;
    this.#planned = undefined;
    if (delayMs === undefined || this.#lifetime.signal.aborted) return;
    this.#planned = trigger;
    this.#nextRefreshAtMs = this.#clock.now() + delayMs;
    this.#cancelTimer = this.#clock.setTimer(() => this.#runUnattended(trigger), delayMs);
  }

  /** A failure is told by the status, the log and an event, and planning goes on. */
  #runUnattended(trigger: RefreshTrigger): void {
    if (!this.#running) void this.#run(trigger, {}).catch(() => undefined);
  }

  #run(trigger: RefreshTrigger, overrides: RefreshOverrides): Promise<RefreshReport> {
    this.#plan(undefined, trigger);
    this.#running = this.#attempt(trigger, overrides).finally(() => {
      this.#running = undefined;
      this.#hasAttempted = true;
      this.#endFirstAttempt();
    });
    return this.#running;
  }

  async #attempt(trigger: RefreshTrigger, overrides: RefreshOverrides): Promise<RefreshReport> {
    const { signal } = this.#lifetime;
    const entry = this.#expect(trigger);
    try {
      await this.#parts.precede?.();
      const done = await this.#parts.limit.run(() => {
        entry.begin();
        return entry.run(() => this.withTable(() => this.#load(overrides, entry)));
      }, signal);
      this.#lastError = undefined;
      this.#retries = 0;
      this.#plan(this.#parts.schedule.nextDelayMs(this.#clock.now()), 'schedule');
      const report = { ...done, durationMs: entry.durationMs };
      entry.finish(report, { nextRefreshAtMs: this.#nextRefreshAtMs });
      return report;
    } catch (thrown) {
      const error = refreshFailure(thrown, this.#parts.dataset);
      this.#fail(entry, error);
      throw error;
    }
  }

  /** The old rows stay; what comes next is planned unless this is the end. */
  #fail(entry: RefreshEntry, error: unknown): void {
    this.#lastError = error;
    if (!this.#lifetime.signal.aborted) this.#planAfter(error);
    entry.fail(error, this.isLoaded ? 'old rows' : 'nothing', { nextRefreshAtMs: this.#nextRefreshAtMs });
  }

  #expect(trigger: RefreshTrigger): RefreshEntry {
    return this.#journal.expect(trigger, trigger === 'retry' ? this.#retries + 1 : 1);
  }

  #next(): Promise<RefreshReport> | undefined {
    return this.#renewal ?? this.#running;
  }

  async #load(overrides: RefreshOverrides, { progress }: RefreshEntry): Promise<Omit<RefreshReport, 'durationMs'>> {
    const { dataset, definitions } = this.#parts;
    const { signal } = this.#lifetime;
    if (signal.aborted) throw cancelledError(`dataset ${dataset}`, signal);
    // A table that was dropped and made again is another one to its connector, and may have other columns.
    const redefine = await definitions.prepare(overrides, signal);
    return runRefresh({ ...this.#parts, redefine, now: () => this.#clock.now(), onRows: progress }, overrides, signal);
  }

  /** After a failure the next try comes by the schedule, or sooner where the error may pass and there are tries left. */
  #planAfter(error: unknown): void {
    const { schedule, maxRetries } = this.#parts;
    const regularMs = schedule.nextDelayMs(this.#clock.now());
    const mayPass = isMillraceError(error) && error.retryable;
    if (mayPass && this.#retries < maxRetries) {
      this.#retries += 1;
      const delayMs = retryDelayMs(this.#retries, this.#clock.random());
      this.#plan(Math.min(delayMs, regularMs ?? delayMs), 'retry');
    } else {
      this.#retries = 0;
      this.#plan(regularMs, 'schedule');
    }
  }
}
