import type { RecordBatch, Schema } from '@millrace/core';
import type { ColumnDecoder } from './columns/column-decoder.ts';
import type { RowRun } from './row-run.ts';

/** Rows that a batch holds, and the bytes of text and nested values at which it ends earlier. */
export interface BatchSize {
  readonly rowCount: number;
  readonly byteCount: number;
}

/** What a batch decoder makes. */
export interface BatchDecoderRequest {
  readonly schema: Schema;
  readonly decoders: readonly ColumnDecoder[];
  readonly size: BatchSize;
  /** Receives each batch as soon as it is full. */
  readonly onBatch: (batch: RecordBatch) => void;
}

/** The first batch is this long, so that a reader has something at once; each following one is four times as long, up to the full size. */
const FIRST_BATCH_ROWS = 1024;

/** Collects runs of rows into batches. */
export class BatchDecoder {
  readonly #request: BatchDecoderRequest;
  #wanted: number;
  #rowCount = 0;

  constructor(request: BatchDecoderRequest) {
    this.#request = request;
    this.#wanted = Math.min(FIRST_BATCH_ROWS, request.size.rowCount);
  }

  get columnCount(): number {
    return this.#request.decoders.length;
  }

  /** Rows that the current batch still takes; a run is never longer. */
  get room(): number {
    return this.#wanted - this.#rowCount;
  }

  append(run: RowRun): void {
    const { decoders, size } = this.#request;
    for (let column = 0; column < decoders.length; column += 1) decoders[column]!.appendRun(run, column);
    this.#rowCount += run.rowCount;
    if (this.#rowCount >= this.#wanted || this.#byteCount() >= size.byteCount) this.flush();
  }

  /** Ends the batch that is being collected, if there are rows in it. */
  flush(): void {
    const numRows = this.#rowCount;
    if (numRows === 0) return;
    const { schema, decoders, onBatch, size } = this.#request;
    this.#rowCount = 0;
    this.#wanted = Math.min(size.rowCount, this.#wanted * 4);
    onBatch({ schema, numRows, data: { children: decoders.map((decoder) => decoder.finish()) } });
  }

  #byteCount(): number {
    return this.#request.decoders.reduce((sum, decoder) => sum + decoder.byteCount, 0);
  }
}
