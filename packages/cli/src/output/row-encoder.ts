import { createValueReader, type RowValue } from '@millrace/arrow';
import type { RecordBatch, Schema } from '@millrace/core';
import { ChunkBuffer } from './chunk-buffer.ts';

/** How rows become text. */
export interface RowEncoding {
  /** The text of one row; values in the order of the columns. */
  encodeRow(values: readonly RowValue[]): string;
  readonly start: string;
  readonly between: string;
  /** Behind the last row; told whether there was one. */
  end(rows: 'none' | 'some'): string;
}

/** A result on its way to the output. */
export interface Tabular {
  readonly schema: Schema;
  readonly batches: AsyncIterable<RecordBatch>;
}

/** The rows as chunks of text; batches are pulled as chunks are taken, so that memory stays flat. */
export async function* encodeRows(
  batches: AsyncIterable<RecordBatch>,
  encoding: RowEncoding,
): AsyncGenerator<string, void, undefined> {
  const buffer = new ChunkBuffer();
  let separator = encoding.start;
  let rows: 'none' | 'some' = 'none';
  for await (const batch of batches) {
    const readers = batch.data.children.map(createValueReader);
    for (let row = 0; row < batch.numRows; row++) {
      const text = encoding.encodeRow(readers.map((read) => read(row)));
      rows = 'some';
      if (buffer.add(separator + text)) yield buffer.take();
      separator = encoding.between;
    }
    // What a slow source has given is shown before the next batch is waited for.
    const text = buffer.take();
    if (text !== '') yield text;
  }
  yield (rows === 'none' ? encoding.start : '') + encoding.end(rows);
}
