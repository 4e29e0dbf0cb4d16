/** Large enough that writing is cheap, small enough that memory stays flat and `head` sees its rows at once. */
const CHUNK_LENGTH = 64 * 1024;

/** Collects pieces of text until there is enough for one write. */
export class ChunkBuffer {
  #pieces: string[] = [];
  #length = 0;

  /** Adds a piece; true once there is enough for a write. */
  add(piece: string): boolean {
    this.#pieces.push(piece);
    this.#length += piece.length;
    return this.#length >= CHUNK_LENGTH;
  }

  /** The text since the last call. */
  take(): string {
    const text = this.#pieces.join('');
    this.#pieces = [];
    this.#length = 0;
    return text;
  }
}
