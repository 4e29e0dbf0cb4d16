import type { ColumnData } from '@millrace/core';

/** Reads the start of row `i` from the offsets of a normalized text, binary or list column; row `i` ends where `i + 1` starts. */
export function createOffsetReader({ valueOffsets }: ColumnData): (row: number) => number {
  if (!valueOffsets) return () => 0;
  if (valueOffsets.BYTES_PER_ELEMENT === 4) return (row) => (valueOffsets as Int32Array)[row] ?? 0;
  // Two 32-bit reads, because reading a bigint allocates; offsets stay below 2^53.
  const words = new Int32Array(valueOffsets.buffer, valueOffsets.byteOffset, valueOffsets.length * 2);
  return (row) => (words[row * 2 + 1] ?? 0) * 4_294_967_296 + ((words[row * 2] ?? 0) >>> 0);
}
