import { MillraceError, type TableProvider } from '@millrace/core';
import type { AccelerationConfig } from '../config/index.ts';
import type { Dataset } from '../datasets/dataset.ts';
import type { EngineTable } from '../query/engine-table.ts';
import type { QueryEngine } from '../query/query-engine.ts';
import { haveSameTypes, QueriedRows } from './queried-rows.ts';
import type { RefreshSource } from './refresh-source.ts';

/** What a source is opened for. */
export interface RefreshSourceRequest {
  readonly dataset: Dataset;
  readonly config: AccelerationConfig;
  readonly mode: 'full' | 'append';
  readonly engine: QueryEngine;
  /** The source under the dataset's name. */
  readonly table: EngineTable;
}

/**
 * Opens where the dataset's rows come from. Rows that a `refresh_sql`, a data window or an append chooses come through the query
 * engine, which makes the source do as much of the choosing as it can; all rows of a source come from it directly.
 *
 * @throws MillraceError `invalid_config` for a `refresh_sql` that cannot be used.
 */
export async function openRefreshSource(request: RefreshSourceRequest): Promise<RefreshSource> {
  const { dataset, config, mode, engine, table } = request;
  const { refreshSql, refreshDataWindowMs, onZeroResults, retention } = config;
  const rows = new QueriedRows({ table, engine, sql: refreshSql });
  // What is answered by the engine has the engine's types, which are not always those of the source.
  const isQueried =
    refreshSql !== undefined ||
    refreshDataWindowMs !== undefined ||
    mode === 'append' ||
    onZeroResults === 'use_source' ||
    retention !== undefined;
  try {
    const schema = isQueried ? await rows.describe() : table.schema;
    const isPlain = refreshSql === undefined && haveSameTypes(schema, table.schema);
    const provider = (): TableProvider | Promise<TableProvider> => table.provider();
    return {
      schema,
      nativeRelation: async (signal) =>
        isPlain && refreshDataWindowMs === undefined ? (await provider()).nativeRelation?.({ signal }) : undefined,
      batches: (wanted, signal) =>
        isPlain && wanted.sql === undefined && wanted.where === undefined
          ? engine.scan(table, signal)
          : rows.read(wanted, schema, signal),
      live: async (where, as) =>
        isQueried || !haveSameTypes(as, schema)
          ? rows.toTable(as, `source of ${dataset.config.name.text}`, where)
          : provider(),
      close: () => rows[Symbol.asyncDispose](),
    };
  } catch (error) {
    await rows[Symbol.asyncDispose]();
    const location = dataset.config.location('acceleration.refresh_sql');
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
