import { createHash } from 'node:crypto';
import { schemaToJson } from '@millrace/arrow';
import {
  type AcceleratorContext,
  type AcceleratorPlugin,
  type CreateTableCommand,
  type DataAccelerator,
  MillraceError,
  type Parameters,
  type RecordBatch,
  type Schema,
} from '@millrace/core';
import { type PluginRegistry, unknownPluginError } from '@millrace/core/registry';
import type { AccelerationConfig } from '../config/index.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { resolvePluginParameters } from '../plugin-parameters.ts';
import type { QueryEngine, QueryRequest } from '../query/query-engine.ts';
import type { SecretRedactor } from '../secrets/secret-redactor.ts';
import { Acceleration, type RefreshProgress } from './acceleration.ts';
import type { RefreshSource } from './refresh-source.ts';

/** What datasets are accelerated with. */
export interface AccelerationHost {
  readonly registry: PluginRegistry;
  readonly context: AcceleratorContext;
  readonly engine: QueryEngine;
  readonly redactor: SecretRedactor;
  readonly onProgress?: RefreshProgress;
  /** Finds a dataset's source again, with the same columns. */
  readonly reconnect: (dataset: Dataset) => Promise<void>;
}

/** An accelerator and the dataset's table in it, opened but not refreshed. */
export interface AcceleratedDataset {
  readonly accelerator: DataAccelerator;
  readonly acceleration: Acceleration;
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
  const source = await toRefreshSource(dataset, config, host);
  try {
    return await openTable({ dataset, config, host, plugin, parameters, source });
  } catch (error) {
    await source.close();
    throw error;
  }
}

async function openTable(parts: {
  readonly dataset: Dataset;
  readonly config: AccelerationConfig;
  readonly host: AccelerationHost;
  readonly plugin: AcceleratorPlugin;
  readonly parameters: Parameters;
  readonly source: RefreshSource;
}): Promise<AcceleratedDataset> {
  const { dataset, config, host, plugin, parameters, source } = parts;
  const refreshMode =
    dataset.source!.connector.resolveRefreshMode?.(config.refreshMode) ?? config.refreshMode ?? 'full';
  if (refreshMode !== 'full') {
    const location = dataset.config.location('acceleration.refresh_mode');
    throw new MillraceError({
      code: 'not_yet_supported',
      component: `dataset ${dataset.config.name.text}`,
      connector: dataset.config.from.connector,
      message: `the connector asks for the refresh mode ${refreshMode}, which is not supported yet`,
      hint: 'Set `refresh_mode: full` if the source can be read whole, or remove the acceleration',
      ...(location ? { location } : {}),
    });
  }
  const command: CreateTableCommand = {
    name: dataset.name,
    schema: source.schema,
    mode: config.mode,
    definitionHash: hashDefinition(dataset, config, source.schema),
    refreshMode,
  };
  const { signal, logger } = host.context;
  const accelerator = await plugin.create(parameters, host.context);
  try {
    await accelerator.init(command, { signal });
    const table = await accelerator.createExternalTable(command, dataset.source!.provider, [], { signal });
    const acceleration = new Acceleration({
      dataset: dataset.config.name.text,
      table,
      source,
      logger,
      ...(config.refreshCheckIntervalMs === undefined ? {} : { checkIntervalMs: config.refreshCheckIntervalMs }),
      ...(host.onProgress ? { onProgress: host.onProgress } : {}),
    });
    return { accelerator, acceleration };
  } catch (error) {
    await accelerator.shutdown();
    throw error;
  }
}

async function toRefreshSource(
  dataset: Dataset,
  config: AccelerationConfig,
  { engine, reconnect }: AccelerationHost,
): Promise<RefreshSource> {
  const table = dataset.toSourceTable();
  const renew = () => reconnect(dataset);
  if (config.refreshSql === undefined) {
    return {
      schema: table.schema,
      nativeRelation: async (signal) => dataset.source?.provider.nativeRelation?.({ signal }),
      batches: (signal) => engine.scan(table, signal),
      renew,
      close: async () => {},
    };
  }
  const sql = config.refreshSql;
  const location = dataset.config.location('acceleration.refresh_sql');
  const scope = await engine.createScope([table]);
  try {
    const schema = await engine.describe(sql, scope);
    return {
      schema,
      nativeRelation: async () => undefined,
      batches: (signal) => streamQuery(engine, { sql, scope, signal }),
      renew,
      close: () => scope[Symbol.asyncDispose](),
    };
  } catch (error) {
    await scope[Symbol.asyncDispose]();
    throw new MillraceError({
      code: 'invalid_config',
      component: `dataset ${dataset.config.name.text}`,
      message: `refresh_sql cannot be used: ${error instanceof Error ? error.message : String(error)}`,
      hint: `It is a SELECT over ${dataset.config.name.text} alone.`,
      cause: error,
      ...(location ? { location } : {}),
    });
  }
}

async function* streamQuery(engine: QueryEngine, request: QueryRequest): AsyncGenerator<RecordBatch, void, undefined> {
  yield* await engine.query(request);
}

/** Two definitions with one hash hold the same rows, as far as the definition decides. Secrets take part as a hash only. */
function hashDefinition(dataset: Dataset, config: AccelerationConfig, schema: Schema): string {
  const definition = {
    from: dataset.config.from.text,
    params: [...dataset.config.params].map(([name, { text }]) => [name, text]).sort(),
    columns: dataset.config.columns ?? null,
    refreshSql: config.refreshSql ?? null,
    schema: schemaToJson(schema),
  };
  return createHash('sha256').update(JSON.stringify(definition)).digest('hex');
}
