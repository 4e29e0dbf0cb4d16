import { type Field, MillraceError, type Schema, type TableProvider } from '@millrace/core';
import { quoteIdentifier, quoteTableName } from '@millrace/duckdb';
import type { DatasetConfig } from '../config/index.ts';
import type { EngineTable } from '../query/engine-table.ts';
import type { QueryEngine } from '../query/query-engine.ts';
import type { Acceleration } from './acceleration.ts';
import type { DefinitionKeeper } from './definition-keeper.ts';
import { firstWithRows } from './first-with-rows.ts';
import { haveSameTypes, QueriedRows } from './queried-rows.ts';

/** What queries of an accelerated dataset are answered from. */
export interface ServedTableParts {
  readonly dataset: DatasetConfig;
  readonly acceleration: Acceleration;
  readonly keeper: Pick<DefinitionKeeper, 'failure' | 'isPending' | 'settled'>;
  /** The dataset's own source. */
  readonly source: EngineTable;
  readonly engine: QueryEngine;
  /** The rows that the copy would hold, read from the source now. */
  readonly live: () => Promise<TableProvider>;
  /** A condition in SQL of the rows that retention would not have removed. */
  readonly retained: () => string | undefined;
}

/** Decides at every query whether the copy or the source answers: `ready_state` and `on_zero_results`. */
export class ServedTable implements AsyncDisposable {
  readonly #parts: ServedTableParts;
  readonly #opened: QueriedRows[] = [];
  #fallback: TableProvider | undefined;

  private constructor(parts: ServedTableParts) {
    this.#parts = parts;
  }

  /** @throws MillraceError `invalid_config` where the source lacks a column that a scan without rows would have to ask it for. */
  static async open(parts: ServedTableParts): Promise<ServedTable> {
    const served = new ServedTable(parts);
    // A copy with other columns than the source is not read together with it.
    if (parts.dataset.acceleration?.onZeroResults !== 'use_source' || parts.keeper.isPending) return served;
    try {
      served.#fallback = await served.#toFallback();
      return served;
    } catch (error) {
      await served[Symbol.asyncDispose]();
      throw error;
    }
  }

  /**
   * What serves a query now.
   * @throws MillraceError `not_ready` where the first load is awaited and fails, `schema_mismatch` where changed columns shall fail.
   */
  async provider(): Promise<TableProvider> {
    const { acceleration, dataset, keeper, live } = this.#parts;
    await keeper.settled();
    if (keeper.failure) throw keeper.failure;
    const { readyState = 'on_load' } = dataset;
    if (readyState !== 'on_load' && !acceleration.isLoaded) return live();
    const table = await acceleration.provider();
    return this.#fallback ?? table;
  }

  /** Settles once a change of the columns that is being published is known everywhere. */
  settled(): Promise<void> {
    return this.#parts.keeper.settled();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#opened.splice(0).map((rows) => rows[Symbol.asyncDispose]()));
  }

  async #toFallback(): Promise<TableProvider> {
    const { acceleration, dataset, source, engine } = this.#parts;
    const { schema } = acceleration;
    const { name } = source;
    const label = dataset.name.text;
    const missing = schema.fields.find((column) => !source.schema.fields.some((each) => each.name === column.name));
    if (missing) throw unusable(dataset, missing);
    const columns = schema.fields.map((field) => quoteIdentifier(field.name)).join(', ');
    const sql = `SELECT ${columns} FROM ${quoteTableName(name)}`;
    const copied = new QueriedRows({ table: { name, schema, provider: () => acceleration.provider() }, engine, sql });
    const whole = new QueriedRows({ table: source, engine, sql });
    this.#opened.push(copied, whole);
    const described: Schema = await whole.describe();
    const changed = schema.fields.find((column, ordinal) => !haveSameColumn(column, described.fields[ordinal]));
    if (changed) throw unusable(dataset, changed);
    return firstWithRows(
      copied.toTable(schema, `copy of ${label}`),
      whole.toTable(schema, `source of ${label}`, this.#parts.retained),
    );
  }
}

function haveSameColumn(left: Field, right: Field | undefined): boolean {
  return right !== undefined && haveSameTypes({ fields: [left] }, { fields: [right] });
}

function unusable(dataset: DatasetConfig, { name }: Field): MillraceError {
  const location = dataset.location('acceleration.on_zero_results');
  return new MillraceError({
    code: 'invalid_config',
    component: `dataset ${dataset.name.text}`,
    message: `\`on_zero_results: use_source\` cannot ask the source for the column ${name}, which refresh_sql makes`,
    hint: 'Keep columns of the source as they are, or remove the field',
    ...(location ? { location } : {}),
  });
}
