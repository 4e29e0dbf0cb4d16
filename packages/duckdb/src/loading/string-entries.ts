import { isAscii, isUtf8 } from 'node:buffer';
import duckdb from '@duckdb/node-bindings';
import { copyToVector } from './raw-vector.ts';
import { scratchWords } from './scratch.ts';

/** Strings up to this length live inside their 16-byte entry; longer ones keep a prefix and an address there. */
const INLINE_BYTES = 12;

/** More bytes than this are handed to DuckDB in several pieces, as it allocates each as one. */
const MAX_ASSIGNED_BYTES = 1 << 28;

const TWO_32 = 2 ** 32;

/** For each length up to 12, four apart: the bits of the string's three words that belong to it. */
const INLINE_MASKS = Int32Array.from({ length: (INLINE_BYTES + 1) * 4 }, (_, index) => {
  const byteCount = Math.min(4, Math.max(0, (index >> 2) - (index & 3) * 4));
  return byteCount === 4 ? -1 : (1 << (byteCount * 8)) - 1;
});

/** Strings one behind the other: string `i` is `bytes[offsets[i]]` up to `bytes[offsets[i + 1]]`. */
export interface StringRun {
  readonly bytes: Uint8Array;
  /** Rising, one more than there are strings. */
  readonly offsets: Int32Array | Float64Array;
}

/** Tells whether every string of a run is UTF-8 by itself, and not only all of them together. */
export function isUtf8Run({ bytes, offsets }: StringRun): boolean {
  const end = offsets[offsets.length - 1] as number;
  const whole = bytes.subarray(offsets[0], end);
  if (isAscii(whole)) {
    return true;
  }
  if (!isUtf8(whole)) {
    return false;
  }
  for (let index = 0; index < offsets.length; index++) {
    const start = offsets[index] as number;
    if (start < end && ((bytes[start] as number) & 0xc0) === 0x80) {
      return false;
    }
  }
  return true;
}

/**
 * Writes the strings of a run into the first rows of a VARCHAR, BLOB or GEOMETRY vector.
 *
 * With `selection`, row `i` is string `selection[i]`. The run's bytes go to DuckDB in one call, which copies them to memory that
 * the vector owns; its address is then read back from that one entry, and the entries of all rows, which point into that memory,
 * are written in a second call. This takes two calls a chunk instead of one a row.
 *
 * Source: the layout of `duckdb_string_t` in DuckDB's C header.
 */
export function writeStrings(vector: duckdb.Vector, run: StringRun, selection?: Int32Array): void {
  const count = run.offsets.length - 1;
  if (selection === undefined) {
    writeRange(vector, run, 0, count);
  } else {
    const stored = storeBytes(vector, run, { start: 0, end: count, target: 0 });
    copyToVector(vector, 0, selectedEntries(run, stored, selection));
  }
}

/** Bytes that the vector owns: those of the run from `base` on, at a 64-bit address given as two words. */
interface StoredBytes {
  readonly base: number;
  readonly low: number;
  readonly high: number;
}

function writeRange(vector: duckdb.Vector, run: StringRun, start: number, end: number): void {
  const byteCount = (run.offsets[end] as number) - (run.offsets[start] as number);
  if (byteCount > MAX_ASSIGNED_BYTES && end - start > 1) {
    const middle = (start + end) >> 1;
    writeRange(vector, run, start, middle);
    writeRange(vector, run, middle, end);
    return;
  }
  const stored = storeBytes(vector, run, { start, end, target: start });
  copyToVector(vector, start * 16, rangeEntries(run, stored, start, end));
}

/** The entries of strings `start` to `end`. This loop sees every string that is loaded, so it calls nothing in the usual cases. */
function rangeEntries({ bytes, offsets }: StringRun, stored: StoredBytes, start: number, end: number): Int32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const lastInline = bytes.byteLength - INLINE_BYTES;
  const { base, low, high } = stored;
  // Below it, the low word of an address is a 32-bit sum; nothing is below it where a sum would carry to the high word.
  const lastStored = low + ((offsets[end] as number) - base) < TWO_32 ? bytes.byteLength : -1;
  const shift = (low - base) | 0;
  const words = scratchWords((end - start) * 4);
  let at = offsets[start] as number;
  for (let row = start, index = 0; row < end; row++, index += 4) {
    const next = offsets[row + 1] as number;
    const length = next - at;
    if (length > INLINE_BYTES && at < lastStored) {
      words[index] = length;
      words[index + 1] = view.getInt32(at, true);
      words[index + 2] = (shift + at) | 0;
      words[index + 3] = high;
    } else if (length <= INLINE_BYTES && at <= lastInline) {
      const masks = length << 2;
      words[index] = length;
      words[index + 1] = view.getInt32(at, true) & (INLINE_MASKS[masks] as number);
      words[index + 2] = view.getInt32(at + 4, true) & (INLINE_MASKS[masks + 1] as number);
      words[index + 3] = view.getInt32(at + 8, true) & (INLINE_MASKS[masks + 2] as number);
    } else {
      putEntry(words, index, view, at, length, stored);
    }
    at = next;
  }
  return words;
}

function selectedEntries(run: StringRun, stored: StoredBytes, selection: Int32Array): Int32Array {
  const view = new DataView(run.bytes.buffer, run.bytes.byteOffset, run.bytes.byteLength);
  const { offsets } = run;
  const words = scratchWords(selection.length * 4);
  for (let row = 0; row < selection.length; row++) {
    const string = selection[row] as number;
    const at = offsets[string] as number;
    putEntry(words, row * 4, view, at, (offsets[string + 1] as number) - at, stored);
  }
  return words;
}

// Six plain arguments: an object a string would cost more than the work itself.
function putEntry(
  words: Int32Array,
  index: number,
  view: DataView,
  at: number,
  length: number,
  stored: StoredBytes,
): void {
  words[index] = length;
  if (length > INLINE_BYTES) {
    const low = stored.low + (at - stored.base);
    words[index + 1] = view.getInt32(at, true);
    words[index + 2] = low;
    words[index + 3] = low >= TWO_32 ? stored.high + 1 : stored.high;
  } else if (at + INLINE_BYTES <= view.byteLength) {
    const masks = length << 2;
    words[index + 1] = view.getInt32(at, true) & (INLINE_MASKS[masks] as number);
    words[index + 2] = view.getInt32(at + 4, true) & (INLINE_MASKS[masks + 1] as number);
    words[index + 3] = view.getInt32(at + 8, true) & (INLINE_MASKS[masks + 2] as number);
  } else {
    for (let word = 0; word < 3; word++) {
      let bits = 0;
      for (let byte = word * 4; byte < Math.min(length, word * 4 + 4); byte++) {
        bits |= view.getUint8(at + byte) << ((byte & 3) * 8);
      }
      words[index + 1 + word] = bits;
    }
  }
}

/** Stores the bytes of strings `start` to `end` through entry `target`; nothing is stored when all strings are inlined. */
function storeBytes(
  vector: duckdb.Vector,
  { bytes, offsets }: StringRun,
  { start, end, target }: { readonly start: number; readonly end: number; readonly target: number },
): StoredBytes {
  const base = offsets[start] as number;
  if (!hasLongString(offsets, start, end)) {
    return { base, low: 0, high: 0 };
  }
  duckdb.vector_assign_string_element_len(vector, target, bytes.subarray(base, offsets[end]));
  const entries = duckdb.vector_get_data(vector, (target + 1) * 16);
  const entry = new DataView(entries.buffer, entries.byteOffset + target * 16, 16);
  return { base, low: entry.getUint32(8, true), high: entry.getUint32(12, true) };
}

function hasLongString(offsets: StringRun['offsets'], start: number, end: number): boolean {
  let at = offsets[start] as number;
  for (let row = start; row < end; row++) {
    const next = offsets[row + 1] as number;
    if (next - at > INLINE_BYTES) {
      return true;
    }
    at = next;
  }
  return false;
}
