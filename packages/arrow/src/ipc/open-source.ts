import { type FileHandle, open } from 'node:fs/promises';
import { viewBytes } from '../reshape/view-buffer.ts';
import { checkFrames } from './frame-check.ts';
import { invalidIpc } from './invalid-ipc.ts';
import { joinBytes } from './join-bytes.ts';

/** Where IPC bytes come from: memory, chunks that are pulled, or a file. */
export type IpcSource = Uint8Array | AsyncIterable<Uint8Array> | { readonly path: string };

/** What apache-arrow reads from, and how it is released; closing is idempotent. */
export interface OpenedSource {
  readonly input: Uint8Array | AsyncIterable<Uint8Array> | FileHandle;
  close(): Promise<void>;
}

const MAGIC = 'ARROW1';
const SMALLEST_FILE = 18;
const CHUNK_BYTES = 1 << 20;

/**
 * Opens a source and checks what apache-arrow does not: that a file has its end, and that a stream does not end inside a
 * message.
 *
 * @throws MillraceError `invalid_data` for a file without its end; errors of the file system as they are.
 */
export async function openSource(source: IpcSource): Promise<OpenedSource> {
  if ('path' in source) return openFile(source.path);
  if (ArrayBuffer.isView(source)) return openBytes(viewBytes(source));
  return openChunks(source[Symbol.asyncIterator]());
}

function openBytes(bytes: Uint8Array): OpenedSource {
  if (!isMagic(bytes.subarray(0, MAGIC.length))) return fromChunks(singleChunk(bytes), async () => undefined);
  if (bytes.length < SMALLEST_FILE || !isMagic(bytes.subarray(-MAGIC.length))) throw cutOff();
  return { input: bytes, close: async () => undefined };
}

async function openFile(path: string): Promise<OpenedSource> {
  const handle = await open(path);
  const close = (): Promise<void> => handle.close();
  try {
    const { size } = await handle.stat();
    if (!isMagic(await readMagic(handle, 0))) return fromChunks(readChunks(handle), close);
    if (size < SMALLEST_FILE || !isMagic(await readMagic(handle, size - MAGIC.length))) throw cutOff();
    return { input: handle, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The file format has its directory at the end, so that all chunks have to be there before the first batch. */
async function openChunks(chunks: AsyncIterator<Uint8Array>): Promise<OpenedSource> {
  const head: Uint8Array[] = [];
  let byteLength = 0;
  let isFile: boolean | undefined;
  while (isFile !== false) {
    const next = await chunks.next();
    if (next.done) break;
    head.push(viewBytes(next.value));
    byteLength += next.value.byteLength;
    if (isFile === undefined && byteLength >= MAGIC.length) isFile = isMagic(joinBytes(head).subarray(0, MAGIC.length));
  }
  if (isFile) return openBytes(joinBytes(head));
  return fromChunks(followedBy(head, chunks), async () => {
    await chunks.return?.();
  });
}

function fromChunks(chunks: AsyncIterable<Uint8Array>, close: () => Promise<void>): OpenedSource {
  return { input: checkFrames(chunks), close };
}

async function* singleChunk(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes;
}

async function* followedBy(
  head: readonly Uint8Array[],
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  yield* head;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield viewBytes(next.value);
}

async function* readChunks(handle: FileHandle): AsyncGenerator<Uint8Array, void, undefined> {
  for (let position = 0; ; ) {
    const { bytesRead, buffer } = await handle.read(new Uint8Array(CHUNK_BYTES), 0, CHUNK_BYTES, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

async function readMagic(handle: FileHandle, position: number): Promise<Uint8Array> {
  const { bytesRead, buffer } = await handle.read(new Uint8Array(MAGIC.length), 0, MAGIC.length, position);
  return buffer.subarray(0, bytesRead);
}

function isMagic(bytes: Uint8Array): boolean {
  return String.fromCharCode(...bytes) === MAGIC;
}

function cutOff(): Error {
  return invalidIpc('the file lacks its end');
}
