import { deserialize, serialize } from 'node:v8';
import type { LiteralLike } from '../read/row-value.ts';

/**
 * One value of a nested type as bytes, every number exact.
 *
 * The form is that of structured clones, which later versions of Node.js read as well.
 * Source: https://nodejs.org/api/v8.html#serialization-api
 */
export function packValue(value: LiteralLike): Uint8Array {
  return serialize(value);
}

/** The value that {@link packValue} packed. */
export function unpackValue(bytes: Uint8Array): LiteralLike {
  return deserialize(bytes) as LiteralLike;
}
