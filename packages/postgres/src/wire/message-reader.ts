import type { BatchDecoder } from './batch-decoder.ts';
import type { RowRun } from './row-run.ts';

const DATA_ROW = 0x44;
const HEADER_BYTES = 5;
/** Rows of one run: enough to make loops over columns worth it, little enough for the processor's cache. */
const RUN_ROWS = 1024;

/** What a message reader feeds. */
export interface MessageReaderRequest {
  readonly decoder: BatchDecoder;
  /** Columns of a row on the wire: those of the batch, or the one that a statement without columns selects. */
  readonly wireColumnCount: number;
  /** Receives every message that is no row, whole, in order: they belong to the driver. The bytes are valid during the call alone. */
  readonly onOther: (message: Uint8Array) => void;
}

/**
 * Cuts the server's answer into messages and takes the rows out of it where they are, without an object a row; only a message that is split
 * over two pieces is copied together.
 *
 * Source: https://www.postgresql.org/docs/current/protocol-message-formats.html: type byte, int32 length that counts itself.
 */
export class MessageReader {
  readonly #request: MessageReaderRequest;
  readonly #starts: Int32Array;
  readonly #lengths: Int32Array;
  #pending: Uint8Array = new Uint8Array(0);
  #pendingLength = 0;

  constructor(request: MessageReaderRequest) {
    this.#request = request;
    const fields = Math.max(1, request.wireColumnCount) * RUN_ROWS;
    this.#starts = new Int32Array(fields);
    this.#lengths = new Int32Array(fields);
  }

  /** Reads a piece of the answer. Throws what a decoder reports; the reader is of no use then. */
  push(chunk: Uint8Array): void {
    const start = this.#pendingLength > 0 ? this.#completePending(chunk) : 0;
    if (start < 0) return;
    const end = this.#readMessages(chunk, start);
    if (end < chunk.length) this.#keep(chunk.subarray(end));
  }

  /** Adds to the message that was split and reads it when it is whole; gives where the next one starts, or -1 if it is still not whole. */
  #completePending(chunk: Uint8Array): number {
    let taken = 0;
    if (this.#pendingLength < HEADER_BYTES) {
      taken = Math.min(HEADER_BYTES - this.#pendingLength, chunk.length);
      this.#keep(chunk.subarray(0, taken));
      if (this.#pendingLength < HEADER_BYTES) return -1;
    }
    const needed = 1 + readInt32(this.#pending, 1) - this.#pendingLength;
    const rest = Math.min(needed, chunk.length - taken);
    this.#reserve(needed);
    this.#keep(chunk.subarray(taken, taken + rest));
    if (rest < needed) return -1;
    const message = this.#pending.subarray(0, this.#pendingLength);
    this.#readMessages(message, 0);
    this.#pendingLength = 0;
    return taken + rest;
  }

  /** Reads the whole messages from `start` on and gives the position behind the last one. */
  #readMessages(bytes: Uint8Array, start: number): number {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    let at = start;
    while (at + HEADER_BYTES <= bytes.length) {
      if (bytes[at] === DATA_ROW) {
        const next = this.#readRows(bytes, view, at);
        if (next === at) return at;
        at = next;
        continue;
      }
      const end = at + 1 + view.getInt32(at + 1);
      if (end > bytes.length) return at;
      this.#request.onOther(bytes.subarray(at, end));
      at = end;
    }
    return at;
  }

  #readRows(bytes: Uint8Array, view: DataView, start: number): number {
    const { decoder, wireColumnCount } = this.#request;
    const starts = this.#starts;
    const lengths = this.#lengths;
    const most = Math.min(RUN_ROWS, decoder.room);
    const byteCount = bytes.length;
    let at = start;
    let row = 0;
    while (row < most && at + HEADER_BYTES <= byteCount && bytes[at] === DATA_ROW) {
      const end = at + 1 + view.getInt32(at + 1);
      if (end > byteCount) break;
      let field = at + 7;
      for (let slot = row; slot < wireColumnCount * RUN_ROWS; slot += RUN_ROWS) {
        const length = view.getInt32(field);
        field += 4;
        starts[slot] = field;
        lengths[slot] = length;
        if (length > 0) field += length;
      }
      row += 1;
      at = end;
    }
    if (row > 0) {
      const run: RowRun = { bytes, view, rowCount: row, starts, lengths, stride: RUN_ROWS };
      decoder.append(run);
    }
    return at;
  }

  #keep(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#pending.set(bytes, this.#pendingLength);
    this.#pendingLength += bytes.length;
  }

  #reserve(count: number): void {
    const needed = this.#pendingLength + count;
    if (needed <= this.#pending.length) return;
    const grown = new Uint8Array(Math.max(needed, 4096));
    grown.set(this.#pending.subarray(0, this.#pendingLength));
    this.#pending = grown;
  }
}

function readInt32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}
