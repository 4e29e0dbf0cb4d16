import { type ColumnData, dataTypes } from '@millrace/core';

/** Writes a column of ASCII text, each value in parts, straight into its buffers. */
export interface TextColumn {
  /** Appends bytes `start` to `end` (exclusive) of a source to the current value. */
  slice(source: Uint8Array, start: number, end: number): void;
  /** Appends encoded text to the current value. */
  word(bytes: Uint8Array): void;
  byte(code: number): void;
  /** Appends the digits of a whole number of 0 or more, with zeros in front up to `width`. */
  digits(value: number, width: number): void;
  /** Ends the current value; the next part belongs to the next row. */
  end(): void;
  /** The column; the writer is at its end. */
  finish(): ColumnData;
}

/** A writer with room for `rowCount` values; bytes grow by doubling. */
export function createTextColumn(rowCount: number, bytesPerRow: number): TextColumn {
  const offsets = new Int32Array(rowCount + 1);
  let bytes = new Uint8Array(Math.max(64, rowCount * bytesPerRow));
  let position = 0;
  let row = 0;

  function reserve(count: number): void {
    if (position + count <= bytes.length) return;
    const grown = new Uint8Array(Math.max(bytes.length * 2, position + count));
    grown.set(bytes.subarray(0, position));
    bytes = grown;
  }

  function slice(source: Uint8Array, start: number, end: number): void {
    reserve(end - start);
    // Most values are short, where a loop is faster than a view and its copy.
    for (let index = start; index < end; index++) bytes[position++] = source[index] as number;
  }

  return {
    slice,
    word: (word) => slice(word, 0, word.length),
    byte(code) {
      reserve(1);
      bytes[position++] = code;
    },
    digits(value, width) {
      const text = String(value).padStart(width, '0');
      reserve(text.length);
      for (let index = 0; index < text.length; index++) bytes[position++] = text.charCodeAt(index);
    },
    end() {
      offsets[++row] = position;
    },
    finish() {
      if (row !== rowCount) throw new TypeError(`${row} values were written instead of ${rowCount}`);
      const values = bytes.slice(0, position);
      return {
        type: dataTypes.utf8(),
        length: row,
        offset: 0,
        nullCount: 0,
        values,
        valueOffsets: offsets,
        children: [],
      };
    },
  };
}

/** Encodes words once, to be written many times. */
export function encodeWords(words: readonly string[]): readonly Uint8Array[] {
  const encoder = new TextEncoder();
  return words.map((word) => encoder.encode(word));
}
