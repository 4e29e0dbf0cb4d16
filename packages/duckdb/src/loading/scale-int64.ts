const TWO_32 = 2 ** 32;

/** Converts a 64-bit integer, given as two words, and puts the result at `index`; false when it cannot be exact. */
export type ConvertInt64 = (low: number, high: number, target: Int32Array, index: number) => boolean;

/** Keeps the number. */
export const keepInt64: ConvertInt64 = (low, high, target, index) => {
  target[index] = low;
  target[index + 1] = high;
  return true;
};

/** Multiplies by a positive integer; not exact when the product needs more than 64 bits. */
export function multiplyInt64(factor: number): ConvertInt64 {
  return (low, high, target, index) => {
    const product = (high * TWO_32 + (low >>> 0)) * factor;
    if (Math.abs(product) <= Number.MAX_SAFE_INTEGER) {
      target[index] = product;
      target[index + 1] = Math.floor(product / TWO_32);
      return true;
    }
    const exact = toBigInt(low, high) * BigInt(factor);
    target[index] = Number(BigInt.asIntN(32, exact));
    target[index + 1] = Number(BigInt.asIntN(32, exact >> 32n));
    return BigInt.asIntN(64, exact) === exact;
  };
}

/** Divides by an integer from 2 to 2^20; not exact when a rest remains. */
export function divideInt64(divisor: number): ConvertInt64 {
  // Schoolbook division with words as digits: below 2^20, no intermediate leaves the 53 exact bits of a double.
  return (low, high, target, index) => {
    const highQuotient = Math.floor(high / divisor);
    const rest = (high - highQuotient * divisor) * TWO_32 + (low >>> 0);
    const lowQuotient = Math.floor(rest / divisor);
    target[index] = lowQuotient;
    target[index + 1] = highQuotient;
    return rest === lowQuotient * divisor;
  };
}

/**
 * Passes the two values that DuckDB reads as `infinity` and `-infinity` of any timestamp unit, and converts the others.
 *
 * @see https://duckdb.org/docs/stable/sql/data_types/timestamp
 */
export function keepInfinity(convert: ConvertInt64): ConvertInt64 {
  return (low, high, target, index) =>
    (high === 0x7fffffff && low === -1) || (high === -0x80000000 && low === 1)
      ? keepInt64(low, high, target, index)
      : convert(low, high, target, index);
}

function toBigInt(low: number, high: number): bigint {
  return (BigInt(high) << 32n) | BigInt(low >>> 0);
}
