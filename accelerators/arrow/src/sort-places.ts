import type { Breather } from '@millrace/arrow';

/** Places that are sorted at once, in a small part of a millisecond. */
const RUN_LENGTH = 1_024;
/** Places that are merged between two looks at the clock. */
const WINDOW_LENGTH = 4_096;

/**
 * The places 0 to `count` in the order of `compare`, equal ones as they are; undefined where they are in that order already. A merge sort, which others
 * have the event loop during.
 *
 * Source: Knuth, The Art of Computer Programming 3, 5.2.4, algorithm S: merging from the bottom up.
 *
 * @throws MillraceError `cancelled` by the breather.
 */
export async function sortPlaces(
  count: number,
  compare: (left: number, right: number) => number,
  breather: Breather,
): Promise<Uint32Array | undefined> {
  if (await isSorted(count, compare, breather)) return undefined;
  let from = new Uint32Array(count);
  for (let start = 0; start < count; start += RUN_LENGTH) {
    const run = from.subarray(start, start + RUN_LENGTH);
    for (let index = 0; index < run.length; index++) run[index] = start + index;
    run.sort(compare);
    await breather.breathe();
  }
  let to = new Uint32Array(count);
  for (let length = RUN_LENGTH; length < count; length *= 2) {
    await mergeRuns({ from, to, length, compare, breather });
    [from, to] = [to, from];
  }
  return from;
}

async function isSorted(
  count: number,
  compare: (left: number, right: number) => number,
  breather: Breather,
): Promise<boolean> {
  for (let place = 1; place < count; place++) {
    if (compare(place - 1, place) > 0) return false;
    if (place % WINDOW_LENGTH === 0) await breather.breathe();
  }
  return true;
}

/** Merges every two neighbouring runs of a length into one. */
async function mergeRuns({
  from,
  to,
  length,
  compare,
  breather,
}: {
  readonly from: Uint32Array;
  readonly to: Uint32Array;
  readonly length: number;
  readonly compare: (left: number, right: number) => number;
  readonly breather: Breather;
}): Promise<void> {
  const count = from.length;
  for (let start = 0; start < count; start += 2 * length) {
    const middle = Math.min(start + length, count);
    const end = Math.min(middle + length, count);
    let left = start;
    let right = middle;
    for (let target = start; target < end; target++) {
      const takesLeft = right >= end || (left < middle && compare(from[left] ?? 0, from[right] ?? 0) <= 0);
      to[target] = (takesLeft ? from[left++] : from[right++]) ?? 0;
      if (target % WINDOW_LENGTH === 0) await breather.breathe();
    }
  }
}
