import { checkColumns, sliceBatch } from '@millrace/arrow';
import {
  type BatchWriter,
  cancelledError,
  type Json,
  MillraceError,
  type RecordBatch,
  type Schema,
} from '@millrace/core';
import { type CopyStream, classifyError, createWriter } from '@millrace/postgres';
import { toCopyColumn } from './copy-input.ts';
import { storedTypeOf } from './stored-type.ts';

/** Rows whose columns are prepared at once. */
const CHUNK_ROWS = 16_384;
/** The same for nested values, which are packed one by one. */
const PACKED_CHUNK_ROWS = 512;

/** What a writer writes with, and where to. */
export interface VersionWriterParts {
  readonly component: string;
  /** The running copy; nothing else uses its connection until the writer has ended. */
  readonly copy: CopyStream;
  /** The columns of the batches. */
  readonly schema: Schema;
  readonly signal: AbortSignal;
  /** Called once: with the count of rows, or with undefined when only a part of them may have been written. */
  readonly onEnd: (rowCount: bigint | undefined) => void;
}

/** Writes batches into a table while they arrive, by one binary COPY. */
export class VersionWriter implements BatchWriter {
  readonly #parts: VersionWriterParts;
  readonly #chunkRows: number;
  #rowCount = 0n;
  #isEnded = false;
  #failure: { readonly error: unknown } | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(parts: VersionWriterParts) {
    const isPacked = parts.schema.fields.some(({ type }) => storedTypeOf(type)?.isPacked === true);
    this.#parts = parts;
    this.#chunkRows = isPacked ? PACKED_CHUNK_ROWS : CHUNK_ROWS;
  }

  async write(batch: RecordBatch): Promise<void> {
    this.#requireOpen();
    checkColumns(batch, this.#parts.schema, { component: this.#parts.component, connector: 'postgres' });
    const { component, signal } = this.#parts;
    const written = this.#writing.then(() => this.#copy(batch));
    this.#writing = written.catch(() => undefined);
    try {
      await written;
    } catch (error) {
      this.#failure ??= { error };
      if (this.#isEnded && !signal.aborted) throw this.#ended();
      throw classifyError(error, { component, signal, access: 'write' });
    }
    this.#rowCount += BigInt(batch.numRows);
  }

  async finish(): Promise<Json> {
    this.#requireOpen();
    this.#isEnded = true;
    const { component, signal, copy, onEnd } = this.#parts;
    let rowCount: bigint | undefined;
    try {
      await this.#writing;
      if (this.#failure !== undefined) {
        await copy.discard();
        throw this.#failure.error;
      }
      await copy.finish();
      rowCount = this.#rowCount;
      return { rowCount: String(rowCount) };
    } catch (error) {
      throw classifyError(error, { component, signal, access: 'write' });
    } finally {
      onEnd(rowCount);
    }
  }

  /** Has the server forget the rows, and waits until the connection is free. A no-op after `finish`. */
  async discard(): Promise<void> {
    if (this.#isEnded) return;
    this.#isEnded = true;
    await this.#parts.copy.discard();
    await this.#writing;
    this.#parts.onEnd(undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.discard();
  }

  async #copy(batch: RecordBatch): Promise<void> {
    const { component, signal, copy, schema } = this.#parts;
    for (let start = 0; start < batch.numRows; start += this.#chunkRows) {
      if (signal.aborted) throw cancelledError(component, signal);
      if (this.#isEnded) throw this.#ended();
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
    return new MillraceError({
      code: 'invalid_data',
      component: this.#parts.component,
      connector: 'postgres',
      message: `the column ${JSON.stringify(name)} holds ${what}, which a column of the server cannot hold`,
      hint: 'Convert it with refresh_sql, or use another engine',
    });
  }

  #requireOpen(): void {
    const { component, signal } = this.#parts;
    if (signal.aborted) throw cancelledError(component, signal);
    if (this.#isEnded) throw this.#ended();
  }

  #ended(): MillraceError {
    return new MillraceError({
      code: 'invalid_state',
      component: this.#parts.component,
      connector: 'postgres',
      message: 'the writer has ended',
      hint: 'Open another one',
    });
  }
}
