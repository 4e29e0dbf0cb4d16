import { invalidIpc } from './invalid-ipc.ts';

const MAGIC = 0x184d2204;
const MIN_MATCH = 4;
const FULL_NIBBLE = 15;
const UNCOMPRESSED_BLOCK = 0x80000000;
/** Maximum block sizes by the code in the frame's descriptor. */
const BLOCK_SIZES: readonly number[] = [0, 0, 0, 0, 1 << 16, 1 << 18, 1 << 20, 1 << 22];

/**
 * The content of an LZ4 frame. Checksums are skipped, not checked.
 *
 * Source: https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md and lz4_Block_format.md
 *
 * @throws MillraceError `invalid_data` for bytes that are no whole LZ4 frame.
 */
export function decodeLz4Frame(frame: Uint8Array): Uint8Array {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (frame.length < 7 || view.getUint32(0, true) !== MAGIC) throw damaged();
  const flags = view.getUint8(4);
  if (flags >> 6 !== 1) throw damaged();
  const hasBlockChecksums = (flags & 0x10) !== 0;
  const blockSize = BLOCK_SIZES[(view.getUint8(5) >> 4) & 7] ?? 0;
  if (blockSize === 0) throw damaged();
  // Behind flags and descriptor: the content size, a dictionary id, one byte of header checksum.
  let at = 6 + ((flags & 0x08) !== 0 ? 8 : 0) + ((flags & 0x01) !== 0 ? 4 : 0) + 1;
  const output = new Output(blockSize);
  for (;;) {
    if (at + 4 > frame.length) throw damaged();
    const size = view.getUint32(at, true);
    at += 4;
    if (size === 0) return output.finish();
    const length = size & ~UNCOMPRESSED_BLOCK;
    const block = frame.subarray(at, at + length);
    if (block.length < length) throw damaged();
    output.reserve(blockSize);
    if (size >= UNCOMPRESSED_BLOCK) output.append(block, 0, length);
    else decodeBlock(block, output);
    at += length + (hasBlockChecksums ? 4 : 0);
  }
}

/** Growing memory that can copy from what is already in it. */
class Output {
  #bytes: Uint8Array;
  #end = 0;

  constructor(capacity: number) {
    this.#bytes = new Uint8Array(capacity);
  }

  /** Makes room for `length` more bytes. */
  reserve(length: number): void {
    if (this.#end + length <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#end + length));
    grown.set(this.#bytes.subarray(0, this.#end));
    this.#bytes = grown;
  }

  append(source: Uint8Array, start: number, length: number): void {
    if (start + length > source.length || this.#end + length > this.#bytes.length) throw damaged();
    this.#bytes.set(source.subarray(start, start + length), this.#end);
    this.#end += length;
  }

  /** Repeats what stands `distance` bytes back; the two ranges overlap when the distance is the shorter one. */
  repeat(distance: number, length: number): void {
    const from = this.#end - distance;
    if (distance === 0 || from < 0 || this.#end + length > this.#bytes.length) throw damaged();
    if (distance >= length) this.#bytes.copyWithin(this.#end, from, from + length);
    else for (let index = 0; index < length; index++) this.#bytes[this.#end + index] = this.#bytes[from + index] ?? 0;
    this.#end += length;
  }

  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#end);
  }
}

/** A block is a run of sequences: literals, then a repetition of earlier output; the last has literals alone. */
function decodeBlock(block: Uint8Array, output: Output): void {
  let at = 0;
  const readLength = (nibble: number): number => {
    let length = nibble;
    if (nibble < FULL_NIBBLE) return length;
    for (;;) {
      const byte = block[at++];
      if (byte === undefined) throw damaged();
      length += byte;
      if (byte < 255) return length;
    }
  };
  while (at < block.length) {
    const token = block[at++] ?? 0;
    const literals = readLength(token >> 4);
    output.append(block, at, literals);
    at += literals;
    if (at === block.length) return;
    const distance = (block[at] ?? 0) | ((block[at + 1] ?? 0) << 8);
    at += 2;
    if (at > block.length) throw damaged();
    output.repeat(distance, readLength(token & 0x0f) + MIN_MATCH);
  }
}

function damaged(): Error {
  return invalidIpc('an LZ4 compressed buffer is damaged');
}
