import { type DataType, TimeUnit } from '@millrace/core';

/** Bits of a time of day: as declared, or what its unit needs (32 for seconds and milliseconds, 64 for finer units). */
export function timeWidth(type: DataType): number {
  return type.bitWidth ?? ((type.unit ?? TimeUnit.Microsecond) <= TimeUnit.Millisecond ? 32 : 64);
}
