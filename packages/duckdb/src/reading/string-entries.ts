import duckdb, { type Vector } from '@duckdb/node-bindings';
import { vectorBytes } from './vector-bytes.ts';

/** Bytes of one entry: a length, and then either the bytes themselves or four of them and an address. */
export const ENTRY_WIDTH = 16;

/** The longest text that is held inside its entry. */
export const INLINE_LENGTH = 12;

/** 2^32: an address is read as two words, and its 48 bits are exact in a number. */
export const ADDRESS_WORD = 0x1_0000_0000;

/**
 * The entries of a text, binary or bit vector: DuckDB's `duckdb_string_t`.
 *
 * Source: https://github.com/duckdb/duckdb, `duckdb.h`, `duckdb_string_t`.
 */
export class StringEntries {
  /** Four words an entry. */
  readonly words: Uint32Array;
  readonly bytes: Uint8Array;
  readonly view: DataView;

  constructor(vector: Vector, rowCount: number) {
    this.bytes = vectorBytes(vector, rowCount * ENTRY_WIDTH);
    this.words = new Uint32Array(this.bytes.buffer, this.bytes.byteOffset, this.bytes.byteLength >>> 2);
    this.view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.byteLength);
  }

  /** The bytes of one entry, as a view of DuckDB's memory. */
  value(row: number): Uint8Array {
    const length = this.words[row * 4] as number;
    return length <= INLINE_LENGTH
      ? this.bytes.subarray(row * ENTRY_WIDTH + 4, row * ENTRY_WIDTH + 4 + length)
      : this.memory(row, length);
  }

  /** `byteCount` bytes from where the long entry `row` points to; they may reach over the entries whose bytes follow its own. */
  memory(row: number, byteCount: number): Uint8Array {
    return duckdb.get_data_from_pointer(
      this.bytes.buffer as ArrayBuffer,
      this.bytes.byteOffset + row * ENTRY_WIDTH + 8,
      byteCount,
    );
  }
}
