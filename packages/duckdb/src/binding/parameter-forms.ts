import type { LiteralLike } from '@millrace/arrow';
import { type Field, MillraceError } from '@millrace/core';

type Width = 'int64' | 'uint64' | 'int128' | 'uint128';

const RANGES: Readonly<Record<Width, readonly [bigint, bigint]>> = {
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
  int128: [-(2n ** 127n), 2n ** 127n - 1n],
  uint128: [0n, 2n ** 128n - 1n],
};

/** Half of a pair that stands alone; encoding would replace it. */
const LONE_SURROGATE = /\p{Surrogate}/u;

/** The error of a value that cannot be bound; the value itself is not shown. */
export function invalidValue(field: Pick<Field, 'name'>, requirement: string): MillraceError {
  return new MillraceError({
    code: 'invalid_argument',
    component: 'duckdb',
    message: `parameter ${field.name} ${requirement}`,
    hint: "Values have the forms of core's LiteralValue",
  });
}

/** A whole number from `min` to `max`, both inclusive; a bigint in that range is as good. */
export function toInteger(
  field: Field,
  value: LiteralLike,
  range: { readonly min: number; readonly max: number },
): number {
  const number = typeof value === 'bigint' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isInteger(number) || number < range.min || number > range.max) {
    throw invalidValue(field, `must be an integer from ${range.min} to ${range.max}`);
  }
  return number;
}

/** A bigint that fits the width; a number is taken only where it is a safe integer. */
export function toBigInt(field: Field, value: LiteralLike, width: Width): bigint {
  const integer = typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value;
  const [min, max] = RANGES[width];
  if (typeof integer !== 'bigint' || integer < min || integer > max) {
    throw invalidValue(field, `must be a bigint that fits ${width}`);
  }
  return integer;
}

export function toNumber(field: Field, value: LiteralLike): number {
  if (typeof value !== 'number') {
    throw invalidValue(field, 'must be a number');
  }
  return value;
}

/** A string, which UTF-8 must be able to hold. */
export function toText(field: Pick<Field, 'name'>, value: LiteralLike): string {
  if (typeof value !== 'string' || LONE_SURROGATE.test(value)) {
    throw invalidValue(field, 'must be a string of valid Unicode');
  }
  return value;
}

export function toBytes(field: Field, value: LiteralLike): Uint8Array {
  if (!(value instanceof Uint8Array)) {
    throw invalidValue(field, 'must be a Uint8Array');
  }
  return value;
}
