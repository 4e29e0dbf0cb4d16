import type { RecordBatch, Schema } from '@millrace/core';
import { RecordBatchReader } from 'apache-arrow';
import { registerCodecs } from './codecs.ts';
import { invalidIpc, toIpcError } from './invalid-ipc.ts';
import { type IpcSource, type OpenedSource, openSource } from './open-source.ts';
import { withoutViews, withoutViewTypes } from './view-types.ts';

/** Data in Arrow's IPC format, opened and its schema read. */
export interface IpcContent extends AsyncDisposable {
  readonly schema: Schema;
  /** The batches, read one by one as they are pulled; can be iterated once. Leaving the loop closes the source. */
  readonly batches: AsyncIterable<RecordBatch>;
  /** Closes the source; needed only when `batches` is never iterated. Idempotent. */
  close(): Promise<void>;
}

/**
 * Opens data in Arrow's IPC format, file or stream, which is told by its first bytes.
 *
 * A file is read batch by batch at its place on disk; the file format out of a chunked source has to be collected first.
 * LZ4 compressed data is read, ZSTD where Node.js has it (from 22.15 on). Text and binary views, which core does not list,
 * become `utf8` and `binary`. Batches without rows are left out.
 *
 * @throws MillraceError `invalid_data` for data that is damaged, cut off or of another format, also while batches are
 *   read; `unsupported` for a compression that is not available; errors of the file system as they are.
 */
export async function readIpc(source: IpcSource): Promise<IpcContent> {
  registerCodecs();
  const opened = await openSource(source);
  try {
    const reader = await RecordBatchReader.from(opened.input as AsyncIterable<Uint8Array>);
    await reader.open();
    if (!reader.schema) throw invalidIpc('the data has no schema');
    const schema = withoutViewTypes(reader.schema);
    return createContent(schema, readBatches(reader, schema, opened), opened);
  } catch (error) {
    await opened.close();
    throw toIpcError(error);
  }
}

function createContent(schema: Schema, batches: AsyncGenerator<RecordBatch>, opened: OpenedSource): IpcContent {
  const close = async (): Promise<void> => {
    await batches.return(undefined);
    await opened.close();
  };
  return { schema, batches, close, [Symbol.asyncDispose]: close };
}

async function* readBatches(
  reader: RecordBatchReader,
  schema: Schema,
  opened: OpenedSource,
): AsyncGenerator<RecordBatch, void, undefined> {
  let batchCount = 0;
  try {
    for await (const batch of reader) {
      batchCount++;
      if (batch.numRows > 0) yield withoutViews({ schema, numRows: batch.numRows, data: batch.data }, schema);
    }
    // apache-arrow ends silently at a batch whose place lies beyond the end of the file.
    if (reader.isFile() && batchCount < reader.numRecordBatches) throw invalidIpc('the file lacks some of its batches');
  } catch (error) {
    throw toIpcError(error);
  } finally {
    await opened.close();
  }
}
