import { createLiteralReader, typesEqual } from '@millrace/arrow';
import { MillraceError, type RecordBatch, type Schema, type TableProvider } from '@millrace/core';
import { quoteTableName } from '@millrace/duckdb';
import type { EngineTable } from '../query/engine-table.ts';
import type { QueryEngine } from '../query/query-engine.ts';
import type { QueryScope } from '../query/query-scope.ts';
import { OnDemandScope } from './on-demand-scope.ts';
import { createQueriedTable } from './queried-table.ts';
import type { RowsRequest } from './refresh-source.ts';

/** What rows are chosen from. */
export interface QueriedRowsParts {
  readonly table: EngineTable;
  readonly engine: QueryEngine;
  /** A SELECT over the table; undefined for all of it. */
  readonly sql: string | undefined;
}

/** Rows that the query engine chooses from one table, in a scope that knows nothing else. */
export class QueriedRows implements AsyncDisposable {
  readonly #parts: QueriedRowsParts;
  readonly #scope: OnDemandScope;

  constructor(parts: QueriedRowsParts) {
    this.#parts = parts;
    this.#scope = new OnDemandScope(parts.table, parts.engine);
  }

  /** The columns of the configured rows, in the types that the engine gives them. */
  async describe(): Promise<Schema> {
    return this.#scope.use(async (scope) => this.#parts.engine.describe(await this.#select(scope, {}), scope));
  }

  /** @throws MillraceError `schema_mismatch` for an SQL of its own with other columns than the schema's. */
  async *read(request: RowsRequest, schema: Schema, signal: AbortSignal): AsyncGenerator<RecordBatch, void, undefined> {
    const { engine } = this.#parts;
    yield* await this.#scope.use(async (scope) => {
      // Before a condition joins it, which may name a column that it lacks.
      if (request.sql !== undefined)
        this.#requireColumns(schema, await engine.describe(await this.#select(scope, { sql: request.sql }), scope));
      const sql = await this.#select(scope, request);
      return engine.query({ sql, scope, signal });
    });
  }

  /** How many rows fulfil a condition. */
  async count(where: string, signal: AbortSignal): Promise<bigint> {
    const rows = await this.#scope.use(async (scope) => {
      const sql = `SELECT count(*) AS n FROM (\n${await this.#select(scope, { where })}\n) AS __millrace_counted`;
      return this.#parts.engine.query({ sql, scope, signal });
    });
    let count = 0n;
    for await (const { numRows, data } of rows) {
      const read = createLiteralReader(data.children[0]!);
      for (let row = 0; row < numRows; row += 1) count += read(row) as bigint;
    }
    return count;
  }

  /** Makes sure that a condition can be evaluated over the rows. */
  async checkCondition(where: string): Promise<void> {
    await this.#scope.use(async (scope) => this.#parts.engine.describe(await this.#select(scope, { where }), scope));
  }

  /** The rows as a table of the columns that `describe` tells; `where` is asked at every scan. */
  toTable(schema: Schema, label: string, where: () => string | undefined = () => undefined): TableProvider {
    return createQueriedTable({
      schema,
      label,
      select: () => this.#scope.use((scope) => this.#select(scope, { where: where() })),
      query: async (sql, { signal, batchRowCount }) => {
        const size = batchRowCount === undefined ? {} : { batchRowCount };
        return this.#scope.use((scope) => this.#parts.engine.query({ sql, scope, signal, ...size }));
      },
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#scope[Symbol.asyncDispose]();
  }

  async #select(scope: QueryScope, { sql, where }: RowsRequest): Promise<string> {
    const rows = await this.#rowsSql(scope, sql ?? this.#parts.sql);
    return where === undefined ? rows : `SELECT * FROM (\n${rows}\n) AS __millrace_rows WHERE ${where}`;
  }

  async #rowsSql(scope: QueryScope, given: string | undefined): Promise<string> {
    if (given === undefined) return `SELECT * FROM ${quoteTableName(this.#parts.table.name)}`;
    const { asks, sql } = await scope.inspect(given);
    // Without a terminator, so that it can stand in another statement; what asks for something else than rows is refused as it is.
    return asks === 'rows' ? sql : given;
  }

  #requireColumns(schema: Schema, given: Schema): void {
    if (haveSameTypes(schema, given)) return;
    throw new MillraceError({
      code: 'schema_mismatch',
      component: `dataset ${this.#parts.table.name.table}`,
      message: 'the refresh_sql of this refresh has other columns than the accelerated table',
      hint: `Select ${schema.fields.map(({ name }) => name).join(', ')} in this order and with their types.`,
    });
  }
}

/** Whether two schemas have the same names and types in the same order. */
export function haveSameTypes(left: Schema, right: Schema): boolean {
  if (left.fields.length !== right.fields.length) return false;
  return left.fields.every((field, ordinal) => {
    const other = right.fields[ordinal];
    return other !== undefined && field.name === other.name && typesEqual(field.type, other.type);
  });
}
