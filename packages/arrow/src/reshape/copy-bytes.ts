const SHORT_RUN = 24;

/** Copies a run of bytes; a short one by hand, because the two views that `set` needs cost more. */
export function copyBytes(source: Uint8Array, from: number, target: Uint8Array, to: number, length: number): void {
  if (length > SHORT_RUN) {
    target.set(source.subarray(from, from + length), to);
    return;
  }
  for (let index = 0; index < length; index++) target[to + index] = source[from + index] ?? 0;
}
