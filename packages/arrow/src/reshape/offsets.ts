import { MillraceError } from '@millrace/core';
import type { OffsetWidth } from '../layout.ts';

const MAX_OFFSET = 2 ** 31 - 1;

/**
 * Offsets of `length` rows that start at 0; `endOf` is asked once for each row, in order, where it ends.
 *
 * @throws MillraceError `resource_exhausted` when 32-bit offsets cannot hold an end.
 */
export function createOffsets(
  width: OffsetWidth,
  length: number,
  endOf: (row: number) => number,
): Int32Array | BigInt64Array {
  if (width === 32) {
    const offsets = new Int32Array(length + 1);
    for (let row = 0; row < length; row++) {
      const end = endOf(row);
      if (end > MAX_OFFSET) throw tooLong();
      offsets[row + 1] = end;
    }
    return offsets;
  }
  const words = new Uint32Array((length + 1) * 2);
  for (let row = 0; row < length; row++) {
    const end = endOf(row);
    words[row * 2 + 2] = end >>> 0;
    words[row * 2 + 3] = Math.floor(end / 4_294_967_296);
  }
  return new BigInt64Array(words.buffer);
}

/** The offsets of columns one after the other: each begins where the one before ended. @throws MillraceError as {@link createOffsets}. */
export function joinOffsets(parts: readonly { readonly offsets: Int32Array; readonly length: number }[]): Int32Array {
  const joined = new Int32Array(parts.reduce((total, { length }) => total + length, 1));
  let to = 1;
  let end = 0;
  for (const { offsets, length } of parts) {
    const first = offsets[0] ?? 0;
    const shift = end - first;
    end += (offsets[length] ?? first) - first;
    if (end > MAX_OFFSET) throw tooLong();
    for (let row = 1; row <= length; row++) joined[to++] = (offsets[row] ?? first) + shift;
  }
  return joined;
}

function tooLong(): MillraceError {
  return new MillraceError({
    code: 'resource_exhausted',
    component: 'arrow',
    message: 'a text, binary or list column would become longer than its 32-bit offsets can say',
    hint: 'Work in smaller batches, or use the large variant of the type.',
  });
}
