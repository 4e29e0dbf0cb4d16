import {
  type AcceleratorContext,
  type AcceleratorPlugin,
  type CreateTableCommand,
  type DataAccelerator,
  MillraceError,
  type Parameters,
} from '@millrace/core';
import { type PluginRegistry, unknownPluginError } from '@millrace/core/registry';
import type { AccelerationConfig } from '../config/index.ts';
import { toCopyName } from '../datasets/copy-names.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { resolvePluginParameters } from '../plugin-parameters.ts';
import type { QueryEngine } from '../query/query-engine.ts';
import type { SecretRedactor } from '../secrets/secret-redactor.ts';
import { Acceleration } from './acceleration.ts';
import { announceCommits } from './announce-commits.ts';
import { type Clock, systemClock } from './clock.ts';
import { hashDefinition } from './definition-hash.ts';
import { openRefreshSource } from './open-refresh-source.ts';
import type { RefreshListener } from './refresh-event.ts';
import type { RefreshLimit } from './refresh-limit.ts';
import { createRefreshSchedule } from './refresh-schedule.ts';
import type { RefreshSource } from './refresh-source.ts';
import { toRefreshWindow } from './refresh-window.ts';
import { requireCopy } from './require-copy.ts';
import { openRetention, type Retention } from './retention.ts';
import { ServedTable } from './served-table.ts';
import { toTableKeys } from './table-keys.ts';
import { findTimeColumn, type TimeColumn, timeError } from './time-column.ts';

/** What datasets are accelerated with. */
export interface AccelerationHost {
  readonly registry: PluginRegistry;
  readonly context: AcceleratorContext;
  readonly engine: QueryEngine;
  readonly redactor: SecretRedactor;
  readonly limit: RefreshLimit;
  readonly clock?: Clock;
  readonly onEvent?: RefreshListener;
  /** Finds a dataset's source again, with the same columns. */
  readonly reconnect: (dataset: Dataset) => Promise<void>;
}

/** An accelerator and the dataset's table in it, opened but not refreshed. */
export interface AcceleratedDataset {
  readonly accelerator: DataAccelerator;
  readonly acceleration: Acceleration;
  readonly served: ServedTable;
  readonly mode: 'full' | 'append';
  /** What the table was opened by. */
  readonly command: CreateTableCommand;
}

/**
 * Opens the dataset's accelerated table and what keeps it up to date; what an earlier process left in a file is found again.
 * @throws MillraceError `unknown_accelerator`, `invalid_config`, a parameter's error, or the accelerator's own.
 */
export async function accelerateDataset(
  dataset: Dataset,
  config: AccelerationConfig,
  host: AccelerationHost,
): Promise<AcceleratedDataset> {
  const component = `dataset ${dataset.config.name.text}`;
  const location = dataset.config.location('acceleration.engine');
  const entry = host.registry.find('accelerator', config.engine);
  if (!entry) {
    throw unknownPluginError({
      kind: 'accelerator',
      id: config.engine,
      registry: host.registry,
      component,
      ...(location ? { location } : {}),
    });
  }
  const plugin = await entry.load();
  if (!plugin.modes.includes(config.mode)) {
    const modeLocation = dataset.config.location('acceleration.mode');
    throw new MillraceError({
      code: 'invalid_config',
      component,
      message: `the accelerator ${entry.id} has no mode ${config.mode}`,
      hint: `Use ${plugin.modes.join(' or ')}, or another engine`,
      ...(modeLocation ? { location: modeLocation } : {}),
    });
  }
  const parameters = resolvePluginParameters({
    component,
    id: entry.id,
    plugin,
    given: config.params,
    logger: host.context.logger,
    redactor: host.redactor,
  });
  const mode = resolveMode(dataset, config, plugin);
  const { engine, reconnect } = host;
  const source = await openRefreshSource({ dataset, config, mode, engine, renew: () => reconnect(dataset) });
  try {
    return await openTable({ dataset, config, host, plugin, parameters, source, mode });
  } catch (error) {
    await source.close();
    throw error;
  }
}

/** What the user or the connector wants, as far as the accelerator and the dataset's fields allow it. */
function resolveMode(
  { config: dataset, source }: Dataset,
  config: AccelerationConfig,
  plugin: AcceleratorPlugin,
): 'full' | 'append' {
  const mode = source!.connector.resolveRefreshMode?.(config.refreshMode) ?? config.refreshMode ?? 'full';
  if (mode === 'full' && config.refreshAppendOverlapMs !== undefined)
    throw timeError(dataset, {
      field: 'acceleration.refresh_append_overlap',
      message: '`refresh_append_overlap` has no meaning where the dataset is refreshed in full',
      hint: 'Set `refresh_mode: append`, or remove it',
    });
  if (mode === 'full') return mode;
  const field = 'acceleration.refresh_mode';
  if (mode !== 'append')
    throw timeError(dataset, {
      field,
      code: 'not_yet_supported',
      message: `the connector ${dataset.from.connector} asks for the refresh mode ${mode}, which is not supported yet`,
      hint: 'Set `refresh_mode: full` if the source can be read whole, or remove the acceleration',
    });
  if (plugin.refreshModes?.includes('append') !== true)
    throw timeError(dataset, {
      field,
      message: `the accelerator ${plugin.id} cannot refresh by append`,
      hint: 'Use another engine, or `refresh_mode: full`',
    });
  if (dataset.timeColumn === undefined)
    throw timeError(dataset, {
      field,
      message: `the connector ${dataset.from.connector} asks for the refresh mode append, which needs \`time_column\``,
      hint: 'Add `time_column` to the dataset, or set `refresh_mode: full`',
    });
  return mode;
}

async function openTable(parts: {
  readonly dataset: Dataset;
  readonly config: AccelerationConfig;
  readonly host: AccelerationHost;
  readonly plugin: AcceleratorPlugin;
  readonly parameters: Parameters;
  readonly source: RefreshSource;
  readonly mode: 'full' | 'append';
}): Promise<AcceleratedDataset> {
  const { dataset, config, host, plugin, parameters, source, mode } = parts;
  const { schema } = source;
  const timeColumn = findTimeColumn(dataset.config, schema);
  const command: CreateTableCommand = {
    name: toCopyName(dataset.name, dataset.copyNumber),
    schema,
    mode: config.mode,
    definitionHash: hashDefinition(dataset, config, { schema, mode }),
    refreshMode: mode,
    ...toTableKeys(dataset.config, config, schema),
  };
  const { signal, logger } = host.context;
  const accelerator = await plugin.create(parameters, host.context);
  try {
    const failure = dataset.source?.absence;
    if (failure) await requireCopy(accelerator, command, { failure, signal });
    await accelerator.init(command, { signal });
    const opened = await accelerator.createExternalTable(command, dataset.source!.provider, [], { signal });
    const table = announceCommits(opened, () => host.engine.changes.announce(dataset.name));
    let served: ServedTable | undefined;
    let retention: Retention | undefined;
    const close = async (): Promise<void> => {
      await retention?.[Symbol.asyncDispose]();
      await served?.[Symbol.asyncDispose]();
      await source.close();
    };
    const acceleration = new Acceleration({
      dataset: dataset.config.name.text,
      table,
      source: { ...source, close },
      mode,
      logger,
      ...(timeColumn ? { timeColumn } : {}),
      ...(config.refreshAppendOverlapMs === undefined ? {} : { overlapMs: config.refreshAppendOverlapMs }),
      ...(config.refreshDataWindowMs === undefined ? {} : { dataWindowMs: config.refreshDataWindowMs }),
      schedule: createRefreshSchedule(config, host.clock ?? systemClock),
      maxRetries: config.refreshMaxRetries ?? Number.POSITIVE_INFINITY,
      onStartup: config.refreshOnStartup ?? 'auto',
      limit: host.limit,
      ...(host.clock ? { clock: host.clock } : {}),
      ...(host.onEvent ? { onEvent: host.onEvent } : {}),
      observer: host.engine.observer,
      filePath: accelerator.filePath(command),
    });
    const rewrite = plugin.refreshModes?.includes('append') === true ? 'window' : 'all';
    retention = await openRetention({ dataset, acceleration, host, rewrite, timeColumn });
    served = await ServedTable.open({
      dataset: dataset.config,
      acceleration,
      source: dataset.toSourceTable(),
      engine: host.engine,
      retained: () => retention?.retained(),
      live: () => source.live(() => timeColumn && liveWindow(timeColumn, config.refreshDataWindowMs)),
    });
    retention?.start();
    return { accelerator, acceleration, served, mode, command };
  } catch (error) {
    await accelerator.shutdown();
    throw error;
  }
}

/** What a load that begins now would leave out. */
function liveWindow(column: TimeColumn, dataWindowMs: number | undefined): string | undefined {
  return toRefreshWindow({ column, nowMs: Date.now(), watermark: undefined, overlapMs: 0, dataWindowMs })?.where;
}
