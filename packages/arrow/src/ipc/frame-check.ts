import { invalidIpc } from './invalid-ipc.ts';
import { joinBytes } from './join-bytes.ts';

const CONTINUATION = -1;
const BODY_LENGTH_SLOT = 10;

/**
 * The chunks of an IPC stream as they are, with an error where they end inside a message.
 *
 * apache-arrow takes a stream that breaks off behind a message's length for one that has ended, and rows go missing
 * silently. A stream may end without an end mark, but only between messages.
 *
 * Source: https://arrow.apache.org/docs/format/Columnar.html#encapsulated-message-format
 *
 * @throws MillraceError `invalid_data`
 */
export async function* checkFrames(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const frames = new FrameCounter();
  for await (const chunk of chunks) {
    frames.advance(chunk);
    yield chunk;
  }
  frames.end();
}

/** Follows the messages of a stream: a prefix, a length, the metadata, and a body whose length the metadata tells. */
class FrameCounter {
  #expected: 'prefix' | 'length' | 'metadata' | 'body' | 'nothing' = 'prefix';
  /** Bytes of the expected part that are still to come. */
  #missing = 4;
  #part: Uint8Array[] = [];

  advance(chunk: Uint8Array): void {
    let rest = chunk;
    while (rest.length > 0 && !this.#isAtEnd()) {
      const taken = Math.min(rest.length, this.#missing);
      if (this.#expected !== 'body') this.#part.push(rest.subarray(0, taken));
      this.#missing -= taken;
      rest = rest.subarray(taken);
      while (this.#missing === 0 && !this.#isAtEnd()) this.#complete();
    }
  }

  end(): void {
    const isBetweenMessages = this.#expected === 'prefix' && this.#missing === 4;
    if (!isBetweenMessages && !this.#isAtEnd()) throw invalidIpc('the stream ends inside a message');
  }

  #isAtEnd(): boolean {
    return this.#expected === 'nothing';
  }

  #complete(): void {
    const part = joinBytes(this.#part);
    this.#part = [];
    switch (this.#expected) {
      case 'prefix': {
        const prefix = readInt32(part, 0);
        // Before format version 0.15 the length stood in the place of the mark.
        if (prefix === CONTINUATION) this.#expect('length', 4);
        else this.#expectMetadata(prefix);
        break;
      }
      case 'length':
        this.#expectMetadata(readInt32(part, 0));
        break;
      case 'metadata':
        this.#expect('body', readBodyLength(part));
        break;
      default:
        this.#expect('prefix', 4);
    }
  }

  #expectMetadata(length: number): void {
    if (length < 0) throw invalidIpc('a message has a negative length');
    if (length === 0) this.#expect('nothing', 0);
    else this.#expect('metadata', length);
  }

  #expect(part: 'prefix' | 'length' | 'metadata' | 'body' | 'nothing', byteLength: number): void {
    this.#expected = part;
    this.#missing = byteLength;
  }
}

/** The body length of a flatbuffer `Message`: its fourth field, 0 where it is left out. */
function readBodyLength(metadata: Uint8Array): number {
  const table = readInt32(metadata, 0);
  const slots = table - readInt32(metadata, table);
  const slotsLength = readUint16(metadata, slots);
  const offset = slotsLength > BODY_LENGTH_SLOT ? readUint16(metadata, slots + BODY_LENGTH_SLOT) : 0;
  if (offset === 0) return 0;
  const low = readInt32(metadata, table + offset) >>> 0;
  const length = readInt32(metadata, table + offset + 4) * 4_294_967_296 + low;
  if (length < 0) throw invalidIpc('a message has a body of negative length');
  return length;
}

function readInt32(bytes: Uint8Array, at: number): number {
  return viewOf(bytes, at, 4).getInt32(at, true);
}

function readUint16(bytes: Uint8Array, at: number): number {
  return viewOf(bytes, at, 2).getUint16(at, true);
}

function viewOf(bytes: Uint8Array, at: number, width: number): DataView {
  if (at < 0 || at + width > bytes.length) throw invalidIpc('the metadata of a message is damaged');
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
