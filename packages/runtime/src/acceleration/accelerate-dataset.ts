import {
  type AcceleratorContext,
  type AcceleratorPlugin,
  type CreateTableCommand,
  type DataAccelerator,
  MillraceError,
} from '@millrace/core';
import { type PluginRegistry, unknownPluginError } from '@millrace/core/registry';
import type { AccelerationConfig, DatasetConfig } from '../config/index.ts';
import type { ConnectedSource, Dataset } from '../datasets/dataset.ts';
import { resolvePluginParameters } from '../plugin-parameters.ts';
import type { QueryEngine } from '../query/query-engine.ts';
import type { SecretRedactor } from '../secrets/secret-redactor.ts';
import type { Acceleration } from './acceleration.ts';
import type { Clock } from './clock.ts';
import { openDefinition } from './copy-definition.ts';
import { openCopy } from './open-copy.ts';
import type { RefreshListener } from './refresh-event.ts';
import type { RefreshLimit } from './refresh-limit.ts';
import { mayRedefine, schemaRuleOf } from './schema-change-rule.ts';
import type { ServedTable } from './served-table.ts';
import { timeError } from './time-column.ts';

/** What datasets are accelerated with. */
export interface AccelerationHost {
  readonly registry: PluginRegistry;
  readonly context: AcceleratorContext;
  readonly engine: QueryEngine;
  readonly redactor: SecretRedactor;
  readonly limit: RefreshLimit;
  readonly clock?: Clock;
  readonly onEvent?: RefreshListener;
  /** Looks for a dataset's source anew, whatever columns it has by now. */
  readonly find: (dataset: Dataset) => Promise<ConnectedSource>;
  /** Gives a dataset the source that was found. */
  readonly adopt: (dataset: Dataset, found: ConnectedSource) => Promise<void>;
  /** The dataset's copy has other columns, which SQL has to know. */
  readonly onRedefined: (dataset: Dataset, served: ServedTable) => Promise<void>;
}

/** An accelerator and the dataset's table in it, opened but not refreshed. */
export interface AcceleratedDataset {
  readonly accelerator: DataAccelerator;
  readonly acceleration: Acceleration;
  readonly served: ServedTable;
  readonly mode: 'full' | 'append';
  /** What the table was opened by. */
  readonly command: CreateTableCommand;
  /** Whether the copy is there for the next process. */
  readonly isLasting: boolean;
  /**
   * Lets the dataset go by a definition that differs in nothing which decides its rows.
   * @throws MillraceError `invalid_config` for what cannot be done with the copy; nothing is changed then.
   */
  readonly retune: (config: DatasetConfig) => Promise<void>;
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
  if (!plugin.modes.includes(config.mode === 'memory' ? 'memory' : 'file')) {
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
  requireRedefinable(dataset.config, plugin);
  requirePartitions(dataset, config, plugin);
  const { engine } = host;
  const definition = await openDefinition({ dataset, config, mode, engine, found: dataset.source! });
  try {
    const opened = await openCopy({ dataset, config, host, plugin, parameters, definition, mode });
    const retune = async (next: DatasetConfig): Promise<void> => {
      requireRedefinable(next, plugin);
      await opened.retune(next);
    };
    return { ...opened, retune };
  } catch (error) {
    await definition.source.close();
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

/** Copies of some accelerators keep their columns for as long as they are open. */
function requireRedefinable(config: DatasetConfig, plugin: AcceleratorPlugin): void {
  const rule = schemaRuleOf(config);
  if (plugin.canRedefine === true || !mayRedefine(rule)) return;
  throw timeError(config, {
    field: rule === 'file_update' ? 'acceleration.mode' : 'on_schema_change',
    message: `the accelerator ${plugin.id} cannot change the columns of a copy, which ${rule} asks for`,
    hint: 'Use another engine, or leave it out: a copy with other columns is loaded anew at the next start',
  });
}

/** Rows of some accelerators stand in no order that anything could be skipped by. */
function requirePartitions(
  { config: dataset }: Dataset,
  { partitionBy }: AccelerationConfig,
  plugin: AcceleratorPlugin,
): void {
  if (partitionBy === undefined || plugin.canPartition === true) return;
  throw timeError(dataset, {
    field: 'acceleration.partition_by',
    message: `the accelerator ${plugin.id} does not keep rows together by partitions`,
    hint: 'Use the engine duckdb or arrow, or an index over the columns that queries filter by',
  });
}
