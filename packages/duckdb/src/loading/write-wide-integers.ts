import { type ColumnSource, columnError, type WriteRows } from './column-source.ts';
import { copyToVector, valueBytes, valueWords } from './raw-vector.ts';
import { scratchBytes, scratchWords } from './scratch.ts';
import { isVisible, type RowMask, visibleRows, writeMask } from './validity.ts';
import { createCopyWriter } from './write-fixed-width.ts';

const TWO_32 = 2 ** 32;

/**
 * Writes decimals of 128 or 256 bits as the 16, 32, 64 or 128 bits that DuckDB uses for their precision.
 *
 * A value with more digits than its type says fails with `invalid_data`, as DuckDB would take it for another number; only where
 * both sides use 128 bits are the words copied without a look.
 */
export function createDecimalWriter(source: ColumnSource, precision: number): WriteRows {
  const wordCount = decimalWords(source);
  if (precision > 18) {
    return wordCount === 4 ? createCopyWriter(source, 16) : createNarrowingWriter(source, wordCount, 4);
  }
  const targetBytes = precision > 9 ? 8 : precision > 4 ? 4 : 2;
  // From 16 digits on a double rounds the value to the limit itself at most, so "above" never refuses what fits.
  const limit = 10 ** precision - (precision < 16 ? 1 : 0);
  const copyFitting = fittingCopier(wordCount, targetBytes, limit);
  const { column, path } = source;
  const words = valueWords(column, wordCount, path);
  return (vector, start, count, mask) => {
    const visible = visibleRows(column, start, count, mask);
    writeMask(vector, visible);
    const target = scratchBytes(count * targetBytes);
    const out16 = new Int16Array(target.buffer, target.byteOffset, count * (targetBytes >> 1));
    const out32 = new Int32Array(target.buffer, target.byteOffset, targetBytes >= 4 ? count * (targetBytes >> 2) : 0);
    for (let row = copyFitting(words, start, out32, 0, count); row < count; ) {
      const at = (start + row) * wordCount;
      const low = words[at] as number;
      const high = words[at + 1] as number;
      const fits = isSignExtended(words, at, wordCount, 2) && Math.abs(high * TWO_32 + (low >>> 0)) <= limit;
      if (!fits && isVisible(visible, row)) {
        throw columnError(path, `has a decimal with more than ${precision} digits at position ${start + row}`);
      }
      if (targetBytes === 2) {
        out16[row] = low;
      } else if (targetBytes === 4) {
        out32[row] = low;
      } else {
        out32[row * 2] = low;
        out32[row * 2 + 1] = high;
      }
      row = copyFitting(words, start, out32, row + 1, count);
    }
    copyToVector(vector, 0, target);
  };
}

/**
 * Copies rows from `row` on, counted from `start`, as long as a quick look tells that they fit; returns the row that needs a closer
 * look, or `count`.
 */
type CopyFitting = (words: Int32Array, start: number, target: Int32Array, row: number, count: number) => number;

/** Loops without calls for decimals of 128 bits, which Arrow producers use whatever the precision is; for others, none is quick. */
function fittingCopier(wordCount: number, targetBytes: number, limit: number): CopyFitting {
  if (wordCount !== 4 || targetBytes === 2) {
    return (_words, _start, _target, row) => row;
  }
  if (targetBytes === 4) {
    return (words, start, target, first, count) => {
      let row = first;
      for (let at = (start + row) * 4; row < count; row++, at += 4) {
        const low = words[at] as number;
        const sign = low >> 31;
        if (words[at + 1] !== sign || words[at + 2] !== sign || words[at + 3] !== sign || low > limit || low < -limit) {
          return row;
        }
        target[row] = low;
      }
      return row;
    };
  }
  // With a high word of at least -highLimit and below highLimit the number is within the limit, whatever its low word.
  const highLimit = Math.floor(limit / TWO_32);
  return (words, start, target, first, count) => {
    let row = first;
    for (let at = (start + row) * 4, to = row * 2; row < count; row++, at += 4, to += 2) {
      const high = words[at + 1] as number;
      const sign = high >> 31;
      if (words[at + 2] !== sign || words[at + 3] !== sign || high >= highLimit || high < -highLimit) {
        return row;
      }
      target[to] = words[at] as number;
      target[to + 1] = high;
    }
    return row;
  };
}

/** Writes decimals without a scale as HUGEINT; what needs more than 128 bits fails with `invalid_data`. */
export function createHugeIntWriter(source: ColumnSource): WriteRows {
  const wordCount = decimalWords(source);
  return wordCount === 4 ? createCopyWriter(source, 16) : createNarrowingWriter(source, wordCount, 4);
}

/** Writes decimals without a scale as UHUGEINT; a negative number, or one beyond 128 bits, fails with `invalid_data`. */
export function createUnsignedHugeIntWriter(source: ColumnSource): WriteRows {
  const wordCount = decimalWords(source);
  const { column, path } = source;
  const words = valueWords(column, wordCount, path);
  return (vector, start, count, mask) => {
    const visible = visibleRows(column, start, count, mask);
    writeMask(vector, visible);
    const target = scratchWords(count * 4);
    for (let row = 0; row < count; row++) {
      const at = (start + row) * wordCount;
      const fits = wordCount === 4 ? (words[at + 3] as number) >= 0 : isZero(words, at + 4, at + wordCount);
      requireFit(fits, visible, { path, start, row });
      copyFourWords(words, at, target, row * 4);
    }
    copyToVector(vector, 0, target);
  };
}

/** Writes 16 bytes in network order as UUID: a 128-bit integer whose top bit is flipped, so that it sorts like the text. */
export function createUuidWriter({ column, path }: ColumnSource): WriteRows {
  const bytes = valueBytes(column, 16, path);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return (vector, start, count, mask) => {
    writeMask(vector, visibleRows(column, start, count, mask));
    const target = scratchWords(count * 4);
    for (let row = 0; row < count; row++) {
      const at = (start + row) * 16;
      const to = row * 4;
      target[to] = view.getInt32(at + 12);
      target[to + 1] = view.getInt32(at + 8);
      target[to + 2] = view.getInt32(at + 4);
      target[to + 3] = view.getInt32(at) ^ 0x80000000;
    }
    copyToVector(vector, 0, target);
  };
}

function createNarrowingWriter({ column, path }: ColumnSource, wordCount: number, kept: number): WriteRows {
  const words = valueWords(column, wordCount, path);
  return (vector, start, count, mask) => {
    const visible = visibleRows(column, start, count, mask);
    writeMask(vector, visible);
    const target = scratchWords(count * 4);
    for (let row = 0; row < count; row++) {
      const at = (start + row) * wordCount;
      requireFit(isSignExtended(words, at, wordCount, kept), visible, { path, start, row });
      copyFourWords(words, at, target, row * 4);
    }
    copyToVector(vector, 0, target);
  };
}

function requireFit(
  fits: boolean,
  visible: RowMask | undefined,
  place: { readonly path: string; readonly start: number; readonly row: number },
): void {
  if (!fits && isVisible(visible, place.row)) {
    throw columnError(place.path, `has a number outside its type's range at position ${place.start + place.row}`);
  }
}

function copyFourWords(from: Int32Array, at: number, to: Int32Array, index: number): void {
  to[index] = from[at] as number;
  to[index + 1] = from[at + 1] as number;
  to[index + 2] = from[at + 2] as number;
  to[index + 3] = from[at + 3] as number;
}

/** Tells whether all words above the first `kept` only repeat the sign. */
function isSignExtended(words: Int32Array, at: number, wordCount: number, kept: number): boolean {
  const sign = (words[at + kept - 1] as number) >> 31;
  for (let index = at + kept; index < at + wordCount; index++) {
    if (words[index] !== sign) {
      return false;
    }
  }
  return true;
}

function isZero(words: Int32Array, start: number, end: number): boolean {
  for (let index = start; index < end; index++) {
    if (words[index] !== 0) {
      return false;
    }
  }
  return true;
}

function decimalWords({ column }: ColumnSource): number {
  return (column.type.bitWidth ?? 128) >> 5;
}
