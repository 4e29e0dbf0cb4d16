import type { RowKey } from '@millrace/arrow';

/** Source: Knuth, The Art of Computer Programming 3, 6.4: the golden ratio of 32 bits. */
const MULTIPLIER = 0x9e37_79b1;

/**
 * Where the row with a key is. A hash table of row numbers with open addressing, made once for as many rows as there are: a `Map` of keys
 * stops the event loop whenever it grows, and takes 16,777,216 at most.
 */
export class KeyIndex {
  readonly #keyAt: (place: number) => RowKey | undefined;
  /** Places counted from 1; 0 is a free slot. */
  readonly #places: Uint32Array;
  readonly #hashes: Int32Array;
  readonly #mask: number;
  #size = 0;

  /** `keyAt` reads a key again by the place that it was set with. */
  constructor(rowCount: number, keyAt: (place: number) => RowKey | undefined) {
    const slotCount = 2 ** Math.ceil(Math.log2(Math.max(1, rowCount) * 2));
    this.#keyAt = keyAt;
    this.#places = new Uint32Array(slotCount);
    this.#hashes = new Int32Array(slotCount);
    this.#mask = slotCount - 1;
  }

  get isEmpty(): boolean {
    return this.#size === 0;
  }

  get(key: RowKey): number | undefined {
    const place = this.#places[this.#slotOf(key, hashOf(key))] ?? 0;
    return place === 0 ? undefined : place - 1;
  }

  /** Puts a key at a place, in the stead of an earlier one. */
  set(key: RowKey, place: number): void {
    const hash = hashOf(key);
    const slot = this.#slotOf(key, hash);
    if (this.#places[slot] === 0) this.#size += 1;
    this.#places[slot] = place + 1;
    this.#hashes[slot] = hash;
  }

  /** The slot that has the key, or the free one where it would be. */
  #slotOf(key: RowKey, hash: number): number {
    for (let slot = hash & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const place = this.#places[slot] ?? 0;
      if (place === 0 || (this.#hashes[slot] === hash && isSame(this.#keyAt(place - 1), key))) return slot;
    }
  }
}

function isSame(left: RowKey | undefined, right: RowKey): boolean {
  return left === right || (Number.isNaN(left) && Number.isNaN(right));
}

/** Equal for keys that are the same: 0 and -0, NaN and NaN. */
function hashOf(key: RowKey): number {
  const mixed = Math.imul(wordOf(key), MULTIPLIER);
  return mixed ^ (mixed >>> 15);
}

function wordOf(key: RowKey): number {
  switch (typeof key) {
    case 'bigint':
      return Number(BigInt.asIntN(32, key ^ (key >> 32n)));
    case 'string': {
      let word = 0;
      for (let index = 0; index < key.length; index++) word = Math.imul(word, 31) + key.charCodeAt(index);
      return word;
    }
    case 'number':
      return Number.isInteger(key) ? key | 0 : Math.imul(key * 1e6, MULTIPLIER) ^ (key | 0);
    default:
      return Number(key);
  }
}
