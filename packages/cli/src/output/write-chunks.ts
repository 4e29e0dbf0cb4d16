import type { OutputStream } from '../command-line-io.ts';

/** Nobody reads the output any more, as behind `head`: not a failure. */
export class OutputClosed extends Error {
  override readonly name: string = 'OutputClosed';
}

const CLOSED_CODES: ReadonlySet<unknown> = new Set(['EPIPE', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_WRITE_AFTER_END']);

/**
 * Writes chunks one by one, the next when the one before was taken, so that a slow reader slows the query down.
 *
 * @throws OutputClosed when the reader is gone; the source of the chunks is released. Other errors of the stream as they are.
 */
export async function writeChunks(
  output: OutputStream,
  chunks: AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>,
): Promise<void> {
  for await (const chunk of chunks) if (chunk.length > 0) await write(output, chunk);
}

function write(output: OutputStream, chunk: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    output.write(chunk, (error) => {
      if (!error) resolve();
      else reject(CLOSED_CODES.has((error as NodeJS.ErrnoException).code) ? new OutputClosed() : error);
    });
  });
}
