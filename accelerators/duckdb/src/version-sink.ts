import type { RowSink } from '@millrace/acceleration';
import { batchFromColumns } from '@millrace/arrow';
import {
  cancelledError,
  dataTypes,
  type Field,
  field,
  isMillraceError,
  MillraceError,
  type RecordBatch,
  type Schema,
} from '@millrace/core';
import { type DuckDbConnection, loadBatches } from '@millrace/duckdb';
import { BatchChannel } from './batch-channel.ts';

/** What rows are written with, and where to. */
export interface VersionSinkParts {
  readonly component: string;
  /** Its transaction is the caller's; nothing else uses it until the sink has ended. */
  readonly connection: DuckDbConnection;
  /** The table, quoted. */
  readonly target: string;
  /** The columns of the batches. */
  readonly schema: Schema;
  /** A last column of the table in which the rows are numbered as they come. */
  readonly ordinal: string | undefined;
  readonly signal: AbortSignal;
}

/** Writes batches into a table while they arrive; the engine inserts them by slabs in the background. */
export class VersionSink implements RowSink {
  readonly #parts: VersionSinkParts;
  readonly #channel: BatchChannel;
  readonly #loading: Promise<bigint>;
  #numberedCount = 0;

  constructor(parts: VersionSinkParts) {
    const { component, connection, target, ordinal, signal } = parts;
    this.#parts = parts;
    this.#channel = new BatchChannel(component, signal);
    const schema = ordinal === undefined ? parts.schema : withOrdinal(parts.schema, ordinal);
    this.#loading = loadBatches({ connection, target, schema, batches: this.#channel, signal }).catch((error) => {
      throw asValueError(component, error);
    });
    // A failure is told by the next `write` or by `finish`.
    this.#loading.catch((error) => this.#channel.fail(error));
  }

  async write(batch: RecordBatch): Promise<void> {
    await this.#channel.push(this.#parts.ordinal === undefined ? batch : this.#number(batch));
    if (this.#channel.hasEnded) await this.#loading;
  }

  finish(): Promise<bigint> {
    this.#channel.complete();
    return this.#loading;
  }

  async discard(reason?: unknown): Promise<void> {
    const { component, signal } = this.#parts;
    this.#channel.fail(reason ?? cancelledError(component, signal));
    await this.#loading.catch(() => undefined);
  }

  #number(batch: RecordBatch): RecordBatch {
    const { schema, ordinal = '' } = this.#parts;
    const { numRows, data } = batch;
    const first = this.#numberedCount;
    this.#numberedCount += numRows;
    const numbers = Float64Array.from({ length: numRows }, (_, row) => first + row);
    const { data: numbered } = batchFromColumns({ fields: [ordinalField(ordinal)] }, [numbers]);
    // A batch of another number of columns is refused as it is.
    const children = data.children.length === schema.fields.length ? [...data.children, ...numbered.children] : [];
    return { schema: withOrdinal(schema, ordinal), numRows, data: { children } };
  }
}

/** A value that the column's own type in DuckDB cannot hold is no defect of whoever wrote it. */
function asValueError(component: string, error: unknown): unknown {
  if (!isMillraceError(error) || error.code !== 'invalid_data') return error;
  return new MillraceError({
    code: 'invalid_data',
    component,
    connector: 'duckdb',
    message: error.reason,
    hint: 'Convert the column or leave it out with refresh_sql, or use an engine that keeps its type, such as arrow',
    cause: error,
  });
}

function withOrdinal({ fields }: Schema, ordinal: string): Schema {
  return { fields: [...fields, ordinalField(ordinal)] };
}

/** A double counts rows exactly, and needs no bigint for each. */
function ordinalField(name: string): Field {
  return field(name, dataTypes.float64());
}
