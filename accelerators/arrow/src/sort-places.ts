import type { Breather } from '@millrace/arrow';

/** Places that are sorted by insertion. */
const RUN_LENGTH = 32;
/** Places that are worked on between two looks at the clock. */
const WINDOW_LENGTH = 4_096;

/** What is sorted: places from 0, by the number of each. */
export interface PlaceSort {
  readonly numbers: Float64Array;
  /** The order of two places of one number; 0 leaves them as they are. */
  readonly compareEqual: (left: number, right: number) => number;
  readonly breather: Breather;
}

/** Numbers and the places that they belong to, in one order: merging reads and writes both from the front to the back. */
interface Sequence {
  readonly numbers: Float64Array;
  readonly places: Uint32Array;
}

/**
 * The places in their order; undefined where they are in it already. A merge sort, which leaves equal ones as they are and during which others have the
 * event loop. It takes 24 bytes a place while it runs.
 *
 * Source: Knuth, The Art of Computer Programming 3, 5.2.4: merging from the bottom up, over runs sorted by insertion (5.2.1).
 *
 * @throws MillraceError `cancelled` by the breather.
 */
export async function sortPlaces(sort: PlaceSort): Promise<Uint32Array | undefined> {
  if (await isSorted(sort)) return undefined;
  const count = sort.numbers.length;
  let from: Sequence = { numbers: sort.numbers.slice(), places: new Uint32Array(count) };
  let to: Sequence = { numbers: new Float64Array(count), places: new Uint32Array(count) };
  for (let start = 0; start < count; start += RUN_LENGTH) {
    sortRun(from, start, Math.min(start + RUN_LENGTH, count), sort);
    if (start % WINDOW_LENGTH === 0) await sort.breather.breathe();
  }
  for (let length = RUN_LENGTH; length < count; length *= 2) {
    await mergeRuns(from, to, length, sort);
    [from, to] = [to, from];
  }
  return from.places;
}

async function isSorted({ numbers, compareEqual, breather }: PlaceSort): Promise<boolean> {
  for (let place = 1; place < numbers.length; place++) {
    const left = numbers[place - 1] ?? 0;
    const right = numbers[place] ?? 0;
    if (left > right || (left === right && compareEqual(place - 1, place) > 0)) return false;
    if (place % WINDOW_LENGTH === 0) await breather.breathe();
  }
  return true;
}

/** Sorts one run by insertion; its places are set here. */
function sortRun({ numbers, places }: Sequence, start: number, end: number, { compareEqual }: PlaceSort): void {
  for (let place = start; place < end; place++) {
    const number = numbers[place] ?? 0;
    let target = place;
    while (target > start) {
      const other = numbers[target - 1] ?? 0;
      const otherPlace = places[target - 1] ?? 0;
      if (other < number || (other === number && compareEqual(otherPlace, place) <= 0)) break;
      numbers[target] = other;
      places[target] = otherPlace;
      target -= 1;
    }
    numbers[target] = number;
    places[target] = place;
  }
}

/** Merges every two neighbouring runs of a length into one. */
async function mergeRuns(
  { numbers, places }: Sequence,
  to: Sequence,
  length: number,
  { compareEqual, breather }: PlaceSort,
): Promise<void> {
  const count = numbers.length;
  for (let start = 0; start < count; start += 2 * length) {
    const middle = Math.min(start + length, count);
    const end = Math.min(middle + length, count);
    let left = start;
    let right = middle;
    for (let target = start; target < end; target++) {
      let source: number;
      if (right >= end) source = left++;
      else if (left >= middle) source = right++;
      else {
        const a = numbers[left] ?? 0;
        const b = numbers[right] ?? 0;
        const takesLeft = a < b || (a === b && compareEqual(places[left] ?? 0, places[right] ?? 0) <= 0);
        source = takesLeft ? left++ : right++;
      }
      to.numbers[target] = numbers[source] ?? 0;
      to.places[target] = places[source] ?? 0;
      if (target % WINDOW_LENGTH === 0) await breather.breathe();
    }
  }
}
