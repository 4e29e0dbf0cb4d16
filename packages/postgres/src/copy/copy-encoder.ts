import type { ColumnWriter, RowRange } from './column-writer.ts';

/** Rows that are encoded together at most. */
const MAX_ROWS = 2_048;
/** Bytes that a piece is meant to have; one with long values has more. */
const PIECE_BYTES = 96 * 1024;
const MAX_PIECE_BYTES = 2 * PIECE_BYTES;
/** A message of the protocol: its kind, and the length that counts itself. */
const MESSAGE_BYTES = 5;
const COPY_DATA = 0x64;
const SIGNATURE: Uint8Array = Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1');
const FIRST_BYTES = SIGNATURE.length + 8;

/** A buffer to fill, and what was filled of it. */
export interface CopyPiece {
  readonly buffer: Buffer;
  readonly byteCount: number;
  /** The first row that is not in it. */
  readonly nextRow: number;
}

/**
 * Turns rows of columns into messages of binary COPY, a piece at a time: column by column within a piece, so that each loop meets one kind of value.
 *
 * Source: https://www.postgresql.org/docs/current/sql-copy.html, "Binary Format".
 */
export class CopyEncoder {
  readonly #sizes: Int32Array = new Int32Array(MAX_ROWS);
  readonly #positions: Int32Array = new Int32Array(MAX_ROWS);
  #isFirst = true;
  /** Of the piece before; the first one is short, as nothing is known yet. */
  #rowBytes = PIECE_BYTES / 16;

  /** Encodes the rows from `start` on, as many as make a piece; takes the buffer where it is long enough, else a longer one. */
  encode(writers: readonly ColumnWriter[], { start, end }: RowRange, free: Buffer | undefined): CopyPiece {
    const wanted = Math.min(end - start, MAX_ROWS, Math.max(1, Math.floor(PIECE_BYTES / this.#rowBytes)));
    const sizes = this.#sizes;
    sizes.fill(2, 0, wanted);
    for (const writer of writers) writer.measure({ start, end: start + wanted }, sizes);
    const head = MESSAGE_BYTES + (this.#isFirst ? FIRST_BYTES : 0);
    let byteCount = head;
    const positions = this.#positions;
    let rowCount = 0;
    // Rows that are longer than those before make a piece with fewer of them.
    while (rowCount < wanted && (rowCount === 0 || byteCount + sizes[rowCount]! <= MAX_PIECE_BYTES)) {
      positions[rowCount] = byteCount;
      byteCount += sizes[rowCount]!;
      rowCount += 1;
    }
    const range = { start, end: start + rowCount };
    this.#rowBytes = Math.max(1, Math.ceil((byteCount - head) / rowCount));
    const buffer = free !== undefined && free.length >= byteCount ? free : Buffer.allocUnsafeSlow(lengthFor(byteCount));
    const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
    this.#writeHead(buffer, byteCount);
    for (let index = 0; index < rowCount; index += 1) {
      view.setInt16(positions[index]!, writers.length);
      positions[index]! += 2;
    }
    const target = { bytes: buffer, view, positions };
    for (const writer of writers) writer.write(range, target);
    return { buffer, byteCount, nextRow: range.end };
  }

  #writeHead(buffer: Buffer, byteCount: number): void {
    buffer[0] = COPY_DATA;
    buffer.writeInt32BE(byteCount - 1, 1);
    if (!this.#isFirst) return;
    this.#isFirst = false;
    buffer.set(SIGNATURE, MESSAGE_BYTES);
    buffer.fill(0, MESSAGE_BYTES + SIGNATURE.length, MESSAGE_BYTES + FIRST_BYTES);
  }
}

/** Lengths come in a few sizes, so that buffers are used again. */
function lengthFor(byteCount: number): number {
  return Math.max(MAX_PIECE_BYTES, 2 ** Math.ceil(Math.log2(byteCount)));
}

/** The message that ends a stream of rows; with the signature where none came before. */
export function copyTrailer(rows: 'some' | 'none'): Buffer {
  const head = rows === 'none' ? Buffer.concat([SIGNATURE, Buffer.alloc(8)]) : Buffer.alloc(0);
  const message = Buffer.alloc(MESSAGE_BYTES + head.length + 2);
  message[0] = COPY_DATA;
  message.writeInt32BE(message.length - 1, 1);
  message.set(head, MESSAGE_BYTES);
  message.writeInt16BE(-1, message.length - 2);
  return message;
}
