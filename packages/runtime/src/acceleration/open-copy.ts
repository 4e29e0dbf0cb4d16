import { isDeepStrictEqual } from 'node:util';
import type { AcceleratorPlugin, CreateTableCommand, DataAccelerator, Parameters, Schema } from '@millrace/core';
import type { AccelerationConfig, DatasetConfig, RetentionConfig } from '../config/index.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { Turns } from '../datasets/turns.ts';
import type { AcceleratedDataset, AccelerationHost } from './accelerate-dataset.ts';
import { Acceleration } from './acceleration.ts';
import { announceCommits } from './announce-commits.ts';
import { type Clock, systemClock } from './clock.ts';
import { type CopyDefinition, toFoundCommand } from './copy-definition.ts';
import { DefinitionKeeper } from './definition-keeper.ts';
import { outlivesProcess } from './outlives-process.ts';
import { QueriedRows } from './queried-rows.ts';
import { createRefreshSchedule } from './refresh-schedule.ts';
import { toRefreshWindow } from './refresh-window.ts';
import { requireCopy } from './require-copy.ts';
import { checkRetention, openRetention, type Retention, type RetentionRequest } from './retention.ts';
import { toRetained, toRetentionRule } from './retention-rule.ts';
import { ServedTable } from './served-table.ts';
import { findTimeColumn, type TimeColumn } from './time-column.ts';

/** What a copy is opened from. */
export interface CopyRequest {
  readonly dataset: Dataset;
  readonly config: AccelerationConfig;
  readonly host: AccelerationHost;
  readonly plugin: AcceleratorPlugin;
  readonly parameters: Parameters;
  readonly definition: CopyDefinition;
  readonly mode: 'full' | 'append';
}

/** Opens the accelerated table of a definition, and what keeps it up to date and serves it. The definition is closed with the acceleration. */
export async function openCopy(request: CopyRequest): Promise<AcceleratedDataset> {
  const { dataset, config, host, plugin, parameters, definition, mode } = request;
  const { signal, logger } = host.context;
  const clock = host.clock ?? systemClock;
  let settings = toWorkerSettings(config, clock);
  const accelerator = await plugin.create(parameters, host.context);
  try {
    const found = dataset.source!;
    const { command, fits } = await findCopy(accelerator, request);
    await accelerator.init(command, { signal });
    const opened = await accelerator.createExternalTable(command, found.provider, [], { signal });
    const table = announceCommits(opened, () => host.engine.changes.announce(dataset.name));
    const parts = new ServingParts(request);
    const keeper = new DefinitionKeeper(
      {
        ...request,
        engine: host.engine,
        accelerator,
        canRedefine: plugin.canRedefine === true,
        table,
        find: () => host.find(dataset),
        clock,
        adopt: (renewed) => host.adopt(dataset, renewed),
        check: (schema) => parts.check(schema),
        onRedefined: async () => {
          await parts.open(acceleration, keeper);
          parts.retention?.start();
          await host.onRedefined(dataset, parts.served!);
        },
      },
      { definition, found, columns: fits ? 'held' : 'wanted' },
    );
    const close = async (): Promise<void> => {
      await parts.close();
      await keeper.close();
    };
    const acceleration = new Acceleration({
      dataset: dataset.config.name.text,
      table,
      definitions: keeper,
      get source() {
        return { ...keeper.current.source, close };
      },
      get timeColumn() {
        return keeper.current.timeColumn;
      },
      mode,
      logger,
      observer: host.engine.observer,
      filePath: accelerator.filePath(command),
      get overlapMs() {
        return settings.overlapMs;
      },
      ...(config.refreshDataWindowMs === undefined ? {} : { dataWindowMs: config.refreshDataWindowMs }),
      get schedule() {
        return settings.schedule;
      },
      get maxRetries() {
        return settings.maxRetries;
      },
      get onStartup() {
        return settings.onStartup;
      },
      ...(dataset.view ? { precede: () => dataset.view!.settled() } : {}),
      limit: host.limit,
      ...(host.clock ? { clock: host.clock } : {}),
      ...(host.onEvent ? { onEvent: host.onEvent } : {}),
    });
    await parts.open(acceleration, keeper);
    parts.retention?.start();
    const isLasting = outlivesProcess(plugin, accelerator, command);
    const retune = (next: DatasetConfig): Promise<void> =>
      parts.retune(next, { acceleration, keeper }, () => {
        dataset.config = next;
        settings = toWorkerSettings(next.acceleration ?? config, clock);
        acceleration.replan();
      });
    return { accelerator, acceleration, served: parts.served!, mode, command, isLasting, retune };
  } catch (error) {
    await accelerator.shutdown();
    throw error;
  }
}

/** What a refresh worker goes by. */
function toWorkerSettings(config: AccelerationConfig, clock: Clock) {
  return {
    schedule: createRefreshSchedule(config, clock),
    maxRetries: config.refreshMaxRetries ?? Number.POSITIVE_INFINITY,
    onStartup: config.refreshOnStartup ?? 'auto',
    overlapMs: config.refreshAppendOverlapMs ?? 0,
  };
}

/**
 * The command under which the copy of an earlier process is found again. Rows of the same definition stay readable though the source has other
 * columns by now: what becomes of them is decided by the refresh that follows.
 */
async function findCopy(
  accelerator: DataAccelerator,
  { dataset, host, plugin, definition }: CopyRequest,
): Promise<{ readonly command: CreateTableCommand; readonly fits: boolean }> {
  const { command } = definition;
  const { signal } = host.context;
  const failure = dataset.source?.absence;
  if (failure) await requireCopy(accelerator, command, { failure, signal });
  const isKept = command.mode === 'file' && plugin.canRedefine === true;
  const checkpoint = isKept ? await accelerator.readCheckpoint?.(command, { signal }) : undefined;
  const isUsable = checkpoint?.bootstrapComplete === true && checkpoint.definitionHash === command.definitionHash;
  return isUsable ? toFoundCommand(accelerator, command, checkpoint.schema) : { command, fits: true };
}

/** What serves a copy and goes by its columns; made anew when they change. */
class ServingParts {
  readonly #request: CopyRequest;
  readonly #turns: Turns = new Turns();
  readonly #closing: Promise<unknown>[] = [];
  /** Statements that run may read through them. */
  readonly #former: ServedTable[] = [];
  retention: Retention | undefined;
  served: ServedTable | undefined;

  constructor(request: CopyRequest) {
    this.#request = request;
  }

  /** Makes everything by the columns that the copy has now. */
  open(acceleration: Acceleration, keeper: DefinitionKeeper): Promise<void> {
    return this.#turns.run('', () => this.#open(acceleration, keeper));
  }

  /**
   * Lets `apply` put a definition into force that differs in nothing which decides rows, with its retention.
   * @throws MillraceError `invalid_config` for a condition that cannot be evaluated over the rows; nothing is changed then.
   */
  retune(
    { acceleration: block }: DatasetConfig,
    { acceleration, keeper }: { readonly acceleration: Acceleration; readonly keeper: DefinitionKeeper },
    apply: () => void,
  ): Promise<void> {
    return this.#turns.run('', async () => {
      const { dataset } = this.#request;
      const config = block?.retention;
      const isSame = isDeepStrictEqual(config, dataset.config.acceleration?.retention);
      const next = isSame ? this.retention : await openRetention(this.#retentionOf(acceleration, keeper, config));
      apply();
      if (next === this.retention) return;
      this.#dismiss();
      this.retention = next;
      next?.start();
    });
  }

  #retentionOf(
    acceleration: Acceleration,
    { current: { timeColumn } }: DefinitionKeeper,
    config: RetentionConfig | undefined,
  ): RetentionRequest {
    const { dataset, host, plugin } = this.#request;
    const rewrite = plugin.refreshModes?.includes('append') === true ? 'window' : 'all';
    return { dataset, config, acceleration, host, rewrite, timeColumn };
  }

  /** A check that waits for a refresh to end would be waited for. */
  #dismiss(): void {
    if (this.retention) this.#closing.push(this.retention[Symbol.asyncDispose]());
    this.retention = undefined;
  }

  async #open(acceleration: Acceleration, keeper: DefinitionKeeper): Promise<void> {
    const { dataset, config, host } = this.#request;
    const { timeColumn, source, sourceTable } = keeper.current;
    this.#dismiss();
    const { retention } = dataset.config.acceleration ?? {};
    const opening = openRetention(this.#retentionOf(acceleration, keeper, retention));
    // Rows that were found may lack what it names, which the next refresh brings.
    this.retention = await (keeper.isPending ? opening.catch(() => undefined) : opening);
    const served = await ServedTable.open({
      get dataset() {
        return dataset.config;
      },
      acceleration,
      keeper,
      source: sourceTable,
      engine: host.engine,
      retained: () => this.retention?.retained(),
      live: () =>
        source.live(() => {
          const nowMs = (host.clock ?? systemClock).now();
          return timeColumn && liveWindow(timeColumn, config.refreshDataWindowMs, nowMs);
        }, acceleration.schema),
    });
    if (this.served) this.#former.push(this.served);
    this.served = served;
  }

  /** @throws MillraceError `invalid_config` for what cannot go by these columns. */
  async check(schema: Schema): Promise<void> {
    const { dataset, host } = this.#request;
    const table = {
      name: dataset.name,
      schema,
      provider: () => {
        throw new TypeError('the rows of columns to come were read');
      },
    };
    await using rows = new QueriedRows({ table, engine: host.engine, sql: undefined });
    const { retention } = dataset.config.acceleration ?? {};
    if (!retention) return;
    const nowMs = (host.clock ?? systemClock).now();
    const retained = () => toRetained(toRetentionRule(retention, findTimeColumn(dataset.config, schema), nowMs));
    await checkRetention(dataset, rows, { retained });
  }

  /** What is being made meanwhile is closed, too. */
  close(): Promise<void> {
    return this.#turns.run('', async () => {
      await Promise.allSettled(this.#closing.splice(0));
      await this.retention?.[Symbol.asyncDispose]();
      for (const served of [...this.#former.splice(0), this.served]) await served?.[Symbol.asyncDispose]();
    });
  }
}

/** What a load that begins now would leave out. */
function liveWindow(column: TimeColumn, dataWindowMs: number | undefined, nowMs: number): string | undefined {
  return toRefreshWindow({ column, nowMs, watermark: undefined, overlapMs: 0, dataWindowMs })?.where;
}
