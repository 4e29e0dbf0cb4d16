import { createRefuse, type RowSink } from '@millrace/acceleration';
import { checkColumns, sliceBatch } from '@millrace/arrow';
import { cancelledError, type MillraceError, type RecordBatch, type Schema } from '@millrace/core';
import { type CopyStream, classifyError, createWriter } from '@millrace/postgres';
import { toCopyColumn } from './copy-input.ts';
import { storedTypeOf } from './stored-type.ts';

/** Rows whose columns are prepared at once. */
const CHUNK_ROWS = 16_384;
/** The same for nested values, which are packed one by one. */
const PACKED_CHUNK_ROWS = 512;

/** What rows are written with, and where to. */
export interface VersionSinkParts {
  readonly component: string;
  /** The running copy; nothing else uses its connection until the sink has ended. */
  readonly copy: CopyStream;
  /** The columns of the batches. */
  readonly schema: Schema;
  readonly signal: AbortSignal;
}

/** Writes batches into a table while they arrive, by one binary COPY. */
export class VersionSink implements RowSink {
  readonly #parts: VersionSinkParts;
  readonly #chunkRows: number;
  #rowCount = 0n;
  #isDiscarded = false;
  #failure: { readonly error: unknown } | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(parts: VersionSinkParts) {
    const isPacked = parts.schema.fields.some(({ type }) => storedTypeOf(type)?.isPacked === true);
    this.#parts = parts;
    this.#chunkRows = isPacked ? PACKED_CHUNK_ROWS : CHUNK_ROWS;
  }

  async write(batch: RecordBatch): Promise<void> {
    const { component, signal, schema } = this.#parts;
    checkColumns(batch, schema, { component, connector: 'postgres' });
    const written = this.#writing.then(() => this.#copy(batch));
    this.#writing = written.catch(() => undefined);
    try {
      await written;
    } catch (error) {
      this.#failure ??= { error };
      if (this.#isDiscarded && !signal.aborted) return;
      throw classifyError(error, { component, signal, access: 'write' });
    }
    this.#rowCount += BigInt(batch.numRows);
  }

  async finish(): Promise<bigint> {
    const { component, signal, copy } = this.#parts;
    try {
      await this.#writing;
      if (this.#failure !== undefined) {
        await copy.discard();
        throw this.#failure.error;
      }
      await copy.finish();
      return this.#rowCount;
    } catch (error) {
      throw classifyError(error, { component, signal, access: 'write' });
    }
  }

  /** Has the server forget the rows. */
  async discard(): Promise<void> {
    this.#isDiscarded = true;
    // A connection that fails here is closed, with which the rows are gone too.
    await this.#parts.copy.discard().catch(() => undefined);
    await this.#writing;
  }

  async #copy(batch: RecordBatch): Promise<void> {
    const { component, signal, copy, schema } = this.#parts;
    for (let start = 0; start < batch.numRows; start += this.#chunkRows) {
      if (signal.aborted) throw cancelledError(component, signal);
      if (this.#isDiscarded) return;
      const end = Math.min(start + this.#chunkRows, batch.numRows);
      const writers = sliceBatch(batch, start, end).data.children.map((column, ordinal) =>
        createWriter(toCopyColumn(column), (what) => {
          throw this.#unfit(schema.fields[ordinal]!.name, what);
        }),
      );
      await copy.write(writers, { start: 0, end: end - start });
    }
  }

  #unfit(name: string, what: string): MillraceError {
    return createRefuse({ component: this.#parts.component, connector: 'postgres' })(
      'invalid_data',
      `the column ${JSON.stringify(name)} holds ${what}, which a column of the server cannot hold`,
      'Convert it with refresh_sql, or use another engine',
    );
  }
}
