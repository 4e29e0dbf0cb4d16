/**
 * Why a value does not fit a type, without the value itself.
 *
 * Internal: whoever knows the column and the row catches it and throws a `MillraceError` that names both.
 */
export class Rejection extends Error {
  override readonly name: string = 'Rejection';
}

/** Throws a {@link Rejection}; `reason` completes "the value …", for example `has a fraction`. */
export function reject(reason: string): never {
  throw new Rejection(reason);
}
