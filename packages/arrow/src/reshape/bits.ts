/** Bit `index` of a packed bitmap, least significant bit of each byte first. */
export function getBit(bits: Uint8Array, index: number): boolean {
  return (((bits[index >> 3] ?? 0) >> (index & 7)) & 1) === 1;
}

/** Sets bit `index` of a packed bitmap. */
export function setBit(bits: Uint8Array, index: number): void {
  bits[index >> 3] = (bits[index >> 3] ?? 0) | (1 << (index & 7));
}

/**
 * `length` bits from bit `start` on, moved so that the first is bit 0.
 *
 * The same memory when `start` is at a byte boundary, otherwise a copy.
 */
export function alignBits(bits: Uint8Array, start: number, length: number): Uint8Array {
  const firstByte = start >> 3;
  const byteLength = (length + 7) >> 3;
  const shift = start & 7;
  if (shift === 0) return bits.subarray(firstByte, firstByte + byteLength);
  const aligned = new Uint8Array(byteLength);
  for (let index = 0; index < byteLength; index++) {
    const low = bits[firstByte + index] ?? 0;
    const high = bits[firstByte + index + 1] ?? 0;
    aligned[index] = (low >> shift) | (high << (8 - shift));
  }
  return aligned;
}

/** Copies `length` bits between bitmaps; the target range must still be zero. */
export function copyBits(
  source: { readonly bits: Uint8Array; readonly start: number },
  target: { readonly bits: Uint8Array; readonly start: number },
  length: number,
): void {
  const aligned = alignBits(source.bits, source.start, length);
  const shift = target.start & 7;
  const firstByte = target.start >> 3;
  const byteLength = (length + 7) >> 3;
  for (let index = 0; index < byteLength; index++) {
    const isLast = index === byteLength - 1;
    const bitsInByte = isLast ? length - index * 8 : 8;
    const value = (aligned[index] ?? 0) & ((1 << bitsInByte) - 1);
    const byte = firstByte + index;
    target.bits[byte] = (target.bits[byte] ?? 0) | (value << shift);
    if (shift + bitsInByte > 8) target.bits[byte + 1] = (target.bits[byte + 1] ?? 0) | (value >> (8 - shift));
  }
}

/** Sets `length` bits from bit `start` on. */
export function fillBits(bits: Uint8Array, start: number, length: number): void {
  const end = start + length;
  let index = start;
  while (index < end && (index & 7) !== 0) setBit(bits, index++);
  const wholeBytes = (end - index) >> 3;
  bits.fill(0xff, index >> 3, (index >> 3) + wholeBytes);
  index += wholeBytes * 8;
  while (index < end) setBit(bits, index++);
}

/** How many of the first `length` bits are set. */
export function countBits(bits: Uint8Array, length: number): number {
  let count = 0;
  const wholeBytes = length >> 3;
  for (let index = 0; index < wholeBytes; index++) count += BITS_SET[bits[index] ?? 0] ?? 0;
  for (let index = wholeBytes * 8; index < length; index++) count += getBit(bits, index) ? 1 : 0;
  return count;
}

const BITS_SET: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) => {
  let count = 0;
  for (let rest = byte; rest > 0; rest >>= 1) count += rest & 1;
  return count;
});
