const single = new Float32Array(1);
const singleBits = new Uint32Array(single.buffer);

/** The number that 16 bits of IEEE 754 binary16 stand for. */
export function fromHalfBits(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : Number.NaN;
  return sign * (1 + fraction / 1_024) * 2 ** (exponent - 15);
}

/** The 16 bits nearest to a number, ties to even; a finite number above 65,519 becomes infinite. */
export function toHalfBits(value: number): number {
  if (Number.isNaN(value)) return 0x7e00;
  single[0] = value;
  const sign = ((singleBits[0] ?? 0) >>> 16) & 0x8000;
  const magnitude = Math.abs(value);
  if (magnitude >= 65_520) return sign | 0x7c00;
  if (magnitude < 2 ** -14) return sign | roundHalfToEven(magnitude * 2 ** 24);
  const power = exponentOf(magnitude);
  return sign | (((power + 15) << 10) + roundHalfToEven((magnitude / 2 ** power - 1) * 1_024));
}

/** The power of two at or below a number from 2^-14 to 65,520; log2 alone may round across a power next to it. */
function exponentOf(magnitude: number): number {
  const guess = Math.floor(Math.log2(magnitude));
  if (2 ** guess > magnitude) return guess - 1;
  return 2 ** (guess + 1) <= magnitude ? guess + 1 : guess;
}

function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest < 0.5) return floor;
  if (rest > 0.5) return floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}
