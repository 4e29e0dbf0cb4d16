const HEADER_BYTES = 4;
/** A packet of this length continues in the next one. */
const LONGEST_PACKET = 0xff_ff_ff;

/**
 * Cuts a byte stream into packets without copying those that lie whole in one chunk. After `next()` has answered true, the packet's
 * payload is `buffer[start, end)` until the next call.
 *
 * Source: https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_packets.html
 */
export class PacketReader {
  buffer: Buffer = Buffer.alloc(0);
  start = 0;
  end = 0;
  #position = 0;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  /** The chunk that `buffer` is, unless it was put together of several. */
  #chunk: Buffer | undefined;
  readonly #onRead: (chunk: Buffer) => void;

  /** `onRead` receives each chunk once nothing refers to it any more. */
  constructor(onRead: (chunk: Buffer) => void = () => {}) {
    this.#onRead = onRead;
  }

  /** Bytes that arrived and have not been handed out as packets. */
  get pendingBytes(): number {
    return this.buffer.length - this.#position + this.#waitingBytes;
  }

  push(chunk: Buffer): void {
    this.#waiting.push(chunk);
    this.#waitingBytes += chunk.length;
  }

  /** Moves to the next packet; false when it has not arrived whole. */
  next(): boolean {
    const first = this.#payloadLength(0);
    if (first === undefined) return false;
    if (first < LONGEST_PACKET) {
      if (!this.#ensure(HEADER_BYTES + first)) return false;
      this.start = this.#position + HEADER_BYTES;
      this.end = this.start + first;
      this.#position = this.end;
      return true;
    }
    return this.#nextLong();
  }

  /** Joins the parts of a payload of 16 MiB and more. */
  #nextLong(): boolean {
    const parts: { readonly offset: number; readonly length: number }[] = [];
    let offset = 0;
    let length: number;
    do {
      const found = this.#payloadLength(offset);
      if (found === undefined || !this.#ensure(offset + HEADER_BYTES + found)) return false;
      length = found;
      parts.push({ offset: offset + HEADER_BYTES, length });
      offset += HEADER_BYTES + length;
    } while (length === LONGEST_PACKET);
    const joined = Buffer.concat([
      ...parts.map((part) =>
        this.buffer.subarray(this.#position + part.offset, this.#position + part.offset + part.length),
      ),
      // The rest of the chunk stays behind the joined packet, so that one buffer serves both.
      this.buffer.subarray(this.#position + offset),
    ]);
    this.buffer = joined;
    this.#leaveChunk();
    this.start = 0;
    this.end = parts.reduce((sum, part) => sum + part.length, 0);
    this.#position = this.end;
    return true;
  }

  #payloadLength(offset: number): number | undefined {
    if (!this.#ensure(offset + HEADER_BYTES)) return undefined;
    const at = this.#position + offset;
    return this.buffer[at]! | (this.buffer[at + 1]! << 8) | (this.buffer[at + 2]! << 16);
  }

  /** Makes at least `byteCount` bytes readable behind the position in one buffer, if they have arrived. */
  #ensure(byteCount: number): boolean {
    const readable = this.buffer.length - this.#position;
    if (readable >= byteCount) return true;
    if (readable + this.#waitingBytes < byteCount) return false;
    if (readable === 0) {
      this.#leaveChunk();
      this.#chunk = this.#waiting.shift()!;
      this.buffer = this.#chunk;
      this.#waitingBytes -= this.buffer.length;
      this.#position = 0;
      return this.#ensure(byteCount);
    }
    let taken = readable;
    const parts = [this.buffer.subarray(this.#position)];
    while (taken < byteCount) {
      const chunk = this.#waiting.shift()!;
      this.#waitingBytes -= chunk.length;
      taken += chunk.length;
      parts.push(chunk);
    }
    this.buffer = Buffer.concat(parts);
    this.#position = 0;
    this.#leaveChunk();
    for (const part of parts.slice(1)) this.#onRead(part);
    return true;
  }

  #leaveChunk(): void {
    const chunk = this.#chunk;
    this.#chunk = undefined;
    if (chunk !== undefined) this.#onRead(chunk);
  }
}
