import { type AcceleratedTable, type Logger, MillraceError } from '@millrace/core';
import type { RetentionConfig } from '../config/index.ts';
import type { Dataset } from '../datasets/dataset.ts';
import type { QueryEngine } from '../query/query-engine.ts';
import type { Acceleration } from './acceleration.ts';
import { type Clock, systemClock } from './clock.ts';
import { QueriedRows } from './queried-rows.ts';
import { type RetentionRule, toRetained, toRetentionRule } from './retention-rule.ts';
import type { TimeColumn } from './time-column.ts';

/** What retention works with. */
export interface RetentionParts {
  readonly dataset: string;
  readonly config: RetentionConfig;
  readonly timeColumn?: TimeColumn;
  readonly acceleration: Acceleration;
  /** The rows of the accelerated table. */
  readonly rows: QueriedRows;
  /** Whether the accelerator can replace the rows of a condition, so that the others need not be written again. */
  readonly rewrite: 'window' | 'all';
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Removes rows from an accelerated table at an interval. It runs between refreshes, never during one; checkpoint and watermark stay, and
 * readers see the rows before or after.
 */
export class Retention implements AsyncDisposable {
  readonly #parts: RetentionParts;
  #cancelTimer: () => void = () => {};
  #running: Promise<unknown> | undefined;
  #isClosed = false;

  constructor(parts: RetentionParts) {
    this.#parts = parts;
  }

  /** The condition in SQL of the rows that stay, as of now. */
  retained(): string {
    return toRetained(this.#rule());
  }

  /** Checks from now on at the interval; a check that fails is logged, and the next one comes. */
  start(): void {
    this.#cancelTimer();
    if (this.#isClosed) return;
    const { clock, config, dataset, logger } = this.#parts;
    this.#cancelTimer = clock.setTimer(() => {
      this.#running = this.check()
        .catch((error: unknown) => {
          const reason = error instanceof Error ? error.message : String(error);
          if (!this.#isClosed) logger.warn('retention failed', { dataset, reason });
        })
        .finally(() => this.start());
    }, config.intervalMs);
  }

  /** Removes what has to go now and says how many rows that were; none once this is disposed of, which may be while a refresh is waited for. */
  async check(): Promise<bigint> {
    const { acceleration, dataset, logger } = this.#parts;
    return acceleration.withTable(async (table, signal) => {
      if (this.#isClosed || !table.checkpoint) return 0n;
      const rule = this.#rule();
      const count = await this.#parts.rows.count(rule.where, signal);
      if (count > 0n) {
        await this.#remove(table, rule, signal);
        logger.info('rows removed by retention', { dataset, rowCount: count });
      }
      return count;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#cancelTimer();
    await this.#running;
    await this.#parts.rows[Symbol.asyncDispose]();
  }

  #rule(): RetentionRule {
    const { config, timeColumn, clock } = this.#parts;
    return toRetentionRule(config, timeColumn, clock.now());
  }

  async #remove(table: AcceleratedTable, rule: RetentionRule, signal: AbortSignal): Promise<void> {
    const { rewrite, rows } = this.#parts;
    const filter = rewrite === 'window' ? rule.filter : undefined;
    await using session = await table.beginRefresh(
      { mode: filter ? { kind: 'overwrite_where', filters: [filter] } : { kind: 'overwrite' } },
      { signal },
    );
    await using writer = await session.writer();
    if (!filter)
      for await (const batch of rows.read({ where: toRetained(rule) }, table.schema, signal)) await writer.write(batch);
    await writer.finish();
    const { refreshedAtMs, bootstrapComplete, watermark, offset } = table.checkpoint!;
    await session.commit({
      refreshedAtMs,
      bootstrapComplete,
      ...(watermark === undefined ? {} : { watermark }),
      ...(offset === undefined ? {} : { offset }),
    });
  }
}

/** What the retention of one dataset is made from. */
export interface RetentionRequest {
  readonly dataset: Dataset;
  readonly config: RetentionConfig | undefined;
  readonly acceleration: Acceleration;
  readonly host: {
    readonly engine: QueryEngine;
    readonly context: { readonly logger: Logger };
    readonly clock?: Clock;
  };
  readonly rewrite: 'window' | 'all';
  readonly timeColumn: TimeColumn | undefined;
}

/**
 * Makes the retention that the dataset is configured with, not started; undefined without one.
 * @throws MillraceError `invalid_config` for a condition that cannot be evaluated over the accelerated rows.
 */
export async function openRetention(request: RetentionRequest): Promise<Retention | undefined> {
  const { dataset, config, acceleration, host, rewrite, timeColumn } = request;
  if (!config) return undefined;
  const { schema } = acceleration;
  const table = { name: dataset.name, schema, provider: () => acceleration.provider() };
  const rows = new QueriedRows({ table, engine: host.engine, sql: undefined });
  const retention = new Retention({
    dataset: dataset.config.name.text,
    config,
    acceleration,
    rows,
    rewrite,
    clock: host.clock ?? systemClock,
    logger: host.context.logger,
    ...(timeColumn ? { timeColumn } : {}),
  });
  try {
    await checkRetention(dataset, rows, retention);
    return retention;
  } catch (error) {
    await retention[Symbol.asyncDispose]();
    throw error;
  }
}

/** @throws MillraceError `invalid_config` for a condition that cannot be evaluated over the rows. */
export async function checkRetention(
  dataset: Dataset,
  rows: QueriedRows,
  retention: Pick<Retention, 'retained'>,
): Promise<void> {
  try {
    await rows.checkCondition(retention.retained());
  } catch (error) {
    const location = dataset.config.location('acceleration.retention_sql');
    throw new MillraceError({
      code: 'invalid_config',
      component: `dataset ${dataset.config.name.text}`,
      message: `retention cannot be used: ${error instanceof Error ? error.message : String(error)}`,
      hint: `The condition is over the columns of ${dataset.config.name.text} that are kept.`,
      cause: error,
      ...(location ? { location } : {}),
    });
  }
}
