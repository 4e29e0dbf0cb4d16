import { typesEqual } from '@millrace/arrow';
import { MillraceError, type RecordBatch, type Schema } from '@millrace/core';
import { quoteTableName } from '@millrace/duckdb';
import type { AccelerationConfig } from '../config/index.ts';
import type { Dataset } from '../datasets/dataset.ts';
import type { EngineTable } from '../query/engine-table.ts';
import type { QueryEngine } from '../query/query-engine.ts';
import type { QueryScope } from '../query/query-scope.ts';
import type { RefreshSource, RowsRequest } from './refresh-source.ts';

/** What a source is opened for. */
export interface RefreshSourceRequest {
  readonly dataset: Dataset;
  readonly config: AccelerationConfig;
  readonly mode: 'full' | 'append';
  readonly engine: QueryEngine;
  readonly renew: () => Promise<void>;
}

/**
 * Opens where the dataset's rows come from. Rows that a `refresh_sql`, a data window or an append chooses come through the query
 * engine, which makes the source do as much of the choosing as it can; all rows of a source come from it directly.
 *
 * @throws MillraceError `invalid_config` for a `refresh_sql` that cannot be used.
 */
export async function openRefreshSource(request: RefreshSourceRequest): Promise<RefreshSource> {
  const { dataset, config, mode, engine, renew } = request;
  const table = dataset.toSourceTable();
  const rows = new QueriedRows({ table, engine, sql: config.refreshSql });
  const isQueried = config.refreshSql !== undefined || config.refreshDataWindowMs !== undefined || mode === 'append';
  try {
    const schema = isQueried ? await rows.describe() : table.schema;
    const isWhole = config.refreshSql === undefined && haveSameColumns(schema, table.schema);
    return {
      schema,
      nativeRelation: async (signal) => (isQueried ? undefined : dataset.source?.provider.nativeRelation?.({ signal })),
      batches: (wanted, signal) =>
        isWhole && wanted.sql === undefined && wanted.where === undefined
          ? engine.scan(table, signal)
          : rows.read(wanted, schema, signal),
      renew,
      close: () => rows.close(),
    };
  } catch (error) {
    await rows.close();
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

interface QueriedRowsParts {
  readonly table: EngineTable;
  readonly engine: QueryEngine;
  readonly sql: string | undefined;
}

/** Rows that the query engine chooses from one table, in a scope that knows nothing else. */
class QueriedRows {
  readonly #parts: QueriedRowsParts;
  #scope: Promise<QueryScope> | undefined;

  constructor(parts: QueriedRowsParts) {
    this.#parts = parts;
  }

  /** The columns of the configured rows. */
  async describe(): Promise<Schema> {
    return this.#parts.engine.describe(await this.#select({}), await this.#open());
  }

  async *read(request: RowsRequest, schema: Schema, signal: AbortSignal): AsyncGenerator<RecordBatch, void, undefined> {
    const { engine } = this.#parts;
    const scope = await this.#open();
    const sql = await this.#select(request);
    if (request.sql !== undefined) this.#requireColumns(schema, await engine.describe(sql, scope));
    yield* await engine.query({ sql, scope, signal });
  }

  async close(): Promise<void> {
    const scope = await this.#scope?.catch(() => undefined);
    await scope?.[Symbol.asyncDispose]();
  }

  #open(): Promise<QueryScope> {
    this.#scope ??= this.#parts.engine.createScope([this.#parts.table]);
    return this.#scope;
  }

  async #select({ sql, where }: RowsRequest): Promise<string> {
    const rows = await this.#rowsSql(sql ?? this.#parts.sql);
    return where === undefined ? rows : `SELECT * FROM (\n${rows}\n) AS __millrace_rows WHERE ${where}`;
  }

  async #rowsSql(given: string | undefined): Promise<string> {
    if (given === undefined) return `SELECT * FROM ${quoteTableName(this.#parts.table.name)}`;
    const { asks, sql } = await (await this.#open()).inspect(given);
    // Without a terminator, so that it can stand in another statement; what asks for something else than rows is refused as it is.
    return asks === 'rows' ? sql : given;
  }

  #requireColumns(schema: Schema, given: Schema): void {
    if (haveSameColumns(schema, given)) return;
    throw new MillraceError({
      code: 'schema_mismatch',
      component: `dataset ${this.#parts.table.name.table}`,
      message: 'the refresh_sql of this refresh has other columns than the accelerated table',
      hint: `Select ${schema.fields.map(({ name }) => name).join(', ')} in this order and with their types.`,
    });
  }
}

function haveSameColumns(left: Schema, right: Schema): boolean {
  if (left.fields.length !== right.fields.length) return false;
  return left.fields.every((field, ordinal) => {
    const other = right.fields[ordinal];
    return other !== undefined && field.name === other.name && typesEqual(field.type, other.type);
  });
}
