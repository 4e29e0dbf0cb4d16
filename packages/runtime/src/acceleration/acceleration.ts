import {
  cancelledError,
  isMillraceError,
  type Logger,
  MillraceError,
  type Schema,
  type TableProvider,
} from '@millrace/core';
import { createLifetime } from '../lifetime.ts';
import { type RefreshOverrides, type RefreshReport, type RefreshRunParts, runRefresh } from './refresh-run.ts';

const MAX_TIMER_MS = 2 ** 31 - 1;

/** Where an accelerated dataset stands. */
export type AccelerationState = 'loading' | 'ready' | 'refreshing' | 'error';

/** The state of an accelerated dataset at one moment. */
export interface AccelerationStatus {
  /** `error`: the last refresh failed; the rows of the one before keep being served, if there was one. */
  readonly state: AccelerationState;
  readonly rowCount?: bigint;
  /** Milliseconds since 1970-01-01 UTC. */
  readonly refreshedAtMs?: number;
  readonly lastError?: string;
}

/** Told while a refresh runs. */
export type RefreshProgress = (progress: { readonly dataset: string; readonly rowCount: bigint }) => void;

/** What an {@link Acceleration} is made of. */
export interface AccelerationParts extends Omit<RefreshRunParts, 'now' | 'onRows'> {
  readonly checkIntervalMs?: number;
  readonly logger: Logger;
  readonly onProgress?: RefreshProgress;
}

/**
 * Keeps one accelerated table up to date: loads it at start, again at every interval and on request, one refresh at a time.
 *
 * A refresh that fails changes nothing: the rows of the last one keep being served and the state says `error`.
 */
export class Acceleration implements AsyncDisposable {
  readonly #parts: AccelerationParts;
  readonly #lifetime: AbortController = createLifetime();
  #running: Promise<RefreshReport> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #lastError: unknown;

  constructor(parts: AccelerationParts) {
    this.#parts = parts;
  }

  /** The columns of the accelerated table. */
  get schema(): Schema {
    return this.#parts.table.schema;
  }

  get status(): AccelerationStatus {
    const { checkpoint } = this.#parts.table;
    return {
      state: this.#state(),
      ...(checkpoint ? { rowCount: checkpoint.rowCount, refreshedAtMs: checkpoint.refreshedAtMs } : {}),
      ...(this.#lastError === undefined ? {} : { lastError: describeError(this.#lastError) }),
    };
  }

  /** Loads the table unless what it holds is still good, and keeps refreshing at the interval. */
  start(): void {
    const { checkpoint } = this.#parts.table;
    const { checkIntervalMs } = this.#parts;
    const ageMs = checkpoint ? Date.now() - checkpoint.refreshedAtMs : Number.POSITIVE_INFINITY;
    if (ageMs < (checkIntervalMs ?? Number.POSITIVE_INFINITY)) this.#schedule((checkIntervalMs ?? 0) - ageMs);
    else void this.refresh().catch(() => undefined);
  }

  /** Refreshes now; a refresh that is running already is the one that is awaited. */
  refresh(): Promise<RefreshReport> {
    this.#running ??= this.#refresh({}).finally(() => {
      this.#running = undefined;
      this.#schedule(this.#parts.checkIntervalMs);
    });
    return this.#running;
  }

  /**
   * The table to read from. Waits for the first load where there is nothing to read yet.
   * @throws MillraceError `not_ready` with the reason when the first load failed.
   */
  async provider(): Promise<TableProvider> {
    const { table, dataset } = this.#parts;
    if (table.checkpoint) return table;
    await this.#running?.catch(() => undefined);
    if (table.checkpoint) return table;
    throw new MillraceError({
      code: 'not_ready',
      component: `dataset ${dataset}`,
      message:
        this.#lastError === undefined
          ? 'it has not been loaded'
          : `its first load failed: ${describeError(this.#lastError)}`,
      hint: 'Mend the cause and refresh the dataset.',
      retryable: true,
      cause: this.#lastError,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Stops refreshing; a refresh that is running is cancelled and changes nothing. Idempotent. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#lifetime.abort();
    await this.#running?.catch(() => undefined);
    await this.#parts.source.close();
  }

  #state(): AccelerationState {
    if (this.#running) return this.#parts.table.checkpoint ? 'refreshing' : 'loading';
    if (this.#lastError !== undefined) return 'error';
    return this.#parts.table.checkpoint ? 'ready' : 'loading';
  }

  #schedule(delayMs: number | undefined): void {
    clearTimeout(this.#timer);
    if (this.#parts.checkIntervalMs === undefined || delayMs === undefined || this.#lifetime.signal.aborted) return;
    // A timer cannot wait longer than 2^31-1 ms, and fires at once when told to.
    const isLong = delayMs > MAX_TIMER_MS;
    this.#timer = setTimeout(
      () => (isLong ? this.#schedule(delayMs - MAX_TIMER_MS) : void this.refresh().catch(() => undefined)),
      Math.max(0, Math.min(delayMs, MAX_TIMER_MS)),
    );
    this.#timer.unref();
  }

  async #refresh(overrides: RefreshOverrides): Promise<RefreshReport> {
    const { dataset, table, logger } = this.#parts;
    const { signal } = this.#lifetime;
    const started = performance.now();
    try {
      if (signal.aborted) throw cancelledError(`dataset ${dataset}`, signal);
      // A table that was dropped and made again is another one to its connector.
      if (isMillraceError(this.#lastError) && this.#lastError.code === 'not_found') await this.#parts.source.renew();
      const done = await runRefresh(
        {
          ...this.#parts,
          now: Date.now,
          onRows: (rowCount) => this.#parts.onProgress?.({ dataset, rowCount }),
        },
        overrides,
        signal,
      );
      this.#lastError = undefined;
      const report = { ...done, durationMs: performance.now() - started };
      const { rowCount, durationMs, path, mode } = report;
      logger.info('dataset refreshed', { dataset, rowCount, durationMs: Math.round(durationMs), path, mode });
      return report;
    } catch (error) {
      this.#lastError = error;
      if (!signal.aborted)
        logger.warn('refresh failed', {
          dataset,
          reason: describeError(error),
          serving: table.checkpoint ? 'old rows' : 'nothing',
        });
      throw error;
    }
  }
}

function describeError(error: unknown): string {
  if (isMillraceError(error) || error instanceof Error) return error.message;
  return String(error);
}
