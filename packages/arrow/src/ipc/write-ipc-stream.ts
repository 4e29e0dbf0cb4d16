import type { RecordBatch, Schema } from '@millrace/core';
import { RecordBatchStreamWriter } from 'apache-arrow';
import { adoptBatchAs } from '../adopt/adopt-batch.ts';
import { adoptSchema } from '../adopt/adopt-schema.ts';
import { joinBytes } from './join-bytes.ts';

/**
 * The batches in Arrow's IPC stream format: one chunk of bytes with the schema, one for each batch, one with the end mark.
 *
 * Batches are pulled one by one, each when the chunk of the one before was taken; breaking off releases their source. A
 * stream of no batches is valid and carries the schema.
 *
 * Source: https://arrow.apache.org/docs/format/Columnar.html#ipc-streaming-format
 *
 * @throws MillraceError `schema_mismatch`, `invalid_data` or `unsupported_type` as of `adoptTable`, and whatever the source throws.
 */
export async function* writeIpcStream(
  schema: Schema,
  batches: AsyncIterable<RecordBatch> | Iterable<RecordBatch>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const writer = new CollectingWriter();
  writer.reset(undefined, adoptSchema(schema));
  yield writer.takeBytes();
  for await (const batch of batches) {
    writer.write(adoptBatchAs(schema, batch));
    yield writer.takeBytes();
  }
  writer.finish();
  yield writer.takeBytes();
}

/** Keeps what the writer emits until it is taken: its own queue would have to be drained by a reader beside it. */
class CollectingWriter extends RecordBatchStreamWriter {
  #chunks: Uint8Array[] = [];

  /** The bytes since the last call. */
  takeBytes(): Uint8Array {
    const bytes = joinBytes(this.#chunks);
    this.#chunks = [];
    return bytes;
  }

  protected override _write(chunk: ArrayBufferView): this {
    if (chunk.byteLength > 0) this.#chunks.push(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    return this;
  }
}
