const CHUNK_BYTES = 1 << 20;
const ALIGNMENT = 16;

const block = new ArrayBuffer(CHUNK_BYTES);
let used = 0;

/**
 * Working memory for the conversion of one column of one chunk: valid until the next {@link resetScratch}, never zeroed.
 *
 * One block serves the whole process, because table function callbacks run one after the other on the main thread and a
 * column is converted and copied to its vector within one of them. A request that does not fit gets a buffer of its own.
 */
export function scratchBytes(byteCount: number): Uint8Array<ArrayBuffer> {
  if (byteCount > CHUNK_BYTES - used) {
    return new Uint8Array(byteCount);
  }
  const start = used;
  used = Math.min(CHUNK_BYTES, (used + byteCount + ALIGNMENT - 1) & -ALIGNMENT);
  return new Uint8Array(block, start, byteCount);
}

/** {@link scratchBytes} as 32-bit words. */
export function scratchWords(wordCount: number): Int32Array<ArrayBuffer> {
  const bytes = scratchBytes(wordCount * 4);
  return new Int32Array(bytes.buffer, bytes.byteOffset, wordCount);
}

/** Frees all scratch memory; call it before each column. */
export function resetScratch(): void {
  used = 0;
}
