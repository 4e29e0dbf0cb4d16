import type { RowSink } from '@millrace/acceleration';
import { checkColumns, sliceBatch } from '@millrace/arrow';
import { cancelledError, type RecordBatch, type Schema } from '@millrace/core';
import { classifySqliteError, type InputColumn, type WriterClient } from '@millrace/sqlite';
import { toInputColumn } from './batch-input.ts';
import { storedTypeOf } from './stored-type.ts';

/** Rows that are handed over at once: their values are copied on the main thread, without a pause that others would feel. */
const CHUNK_ROWS = 8_192;
/** The same for nested values, which are packed one by one. */
const PACKED_CHUNK_ROWS = 512;
/** Texts and bytes that are handed over at once, unless one row has more. */
const CHUNK_BYTES = 2 * 1024 * 1024;
/** Chunks that the thread has, of which it works on the first. */
const MAX_AHEAD = 2;

/** What rows are written with, and where to. */
export interface VersionSinkParts {
  readonly component: string;
  readonly file: string;
  /** Its transaction is the caller's; nothing else uses it until the sink has ended. */
  readonly client: WriterClient;
  /** The table, quoted. */
  readonly target: string;
  /** The columns of the batches. */
  readonly schema: Schema;
  readonly signal: AbortSignal;
}

/** Writes batches into a table while they arrive, in the thread of the database. */
export class VersionSink implements RowSink {
  readonly #parts: VersionSinkParts;
  readonly #names: readonly string[];
  readonly #chunkRows: number;
  readonly #pending = new Set<Promise<void>>();
  #failure: unknown;
  #rowCount = 0n;
  #isDiscarded = false;

  constructor(parts: VersionSinkParts) {
    const { schema } = parts;
    this.#parts = parts;
    this.#names = schema.fields.map(({ name }) => name);
    const isPacked = schema.fields.some(({ type }) => storedTypeOf(type)?.isPacked === true);
    this.#chunkRows = isPacked ? PACKED_CHUNK_ROWS : CHUNK_ROWS;
  }

  async write(batch: RecordBatch): Promise<void> {
    checkColumns(batch, this.#parts.schema, { component: this.#parts.component, connector: 'sqlite' });
    const { component, signal } = this.#parts;
    const chunkRows = this.#chunkRowsOf(batch);
    for (let start = 0; start < batch.numRows; start += chunkRows) {
      const end = Math.min(start + chunkRows, batch.numRows);
      const columns = sliceBatch(batch, start, end).data.children.map(toInputColumn);
      this.#send(columns, end - start);
      // Also gives the turn to others between two chunks.
      if (this.#pending.size >= MAX_AHEAD) await Promise.race(this.#pending);
      if (this.#isDiscarded) return;
      if (signal.aborted) throw cancelledError(component, signal);
      if (this.#failure !== undefined) throw this.#failure;
    }
  }

  async finish(): Promise<bigint> {
    await Promise.all(this.#pending);
    if (this.#failure !== undefined) throw this.#failure;
    return this.#rowCount;
  }

  async discard(): Promise<void> {
    this.#isDiscarded = true;
    await Promise.all(this.#pending);
  }

  #chunkRowsOf({ numRows, data: { children } }: RecordBatch): number {
    const bytes = children.reduce((sum, { valueOffsets }) => {
      const end = valueOffsets?.[numRows];
      return end === undefined ? sum : sum + Number(end) - Number(valueOffsets?.[0] ?? 0);
    }, 0);
    const rowBytes = Math.ceil(bytes / Math.max(numRows, 1));
    return Math.max(1, Math.min(this.#chunkRows, Math.floor(CHUNK_BYTES / Math.max(rowBytes, 1))));
  }

  #send(columns: readonly InputColumn[], rowCount: number): void {
    const { client, component, file, target } = this.#parts;
    const written = client.insert({ table: target, rowCount, names: this.#names, columns }).then(
      () => {
        this.#rowCount += BigInt(rowCount);
      },
      (error: unknown) => {
        this.#failure ??= classifySqliteError(error, { component, file, access: 'write' });
      },
    );
    this.#pending.add(written);
    void written.then(() => this.#pending.delete(written));
  }
}
