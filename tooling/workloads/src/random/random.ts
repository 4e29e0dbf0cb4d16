/** A seeded source of numbers. Equal seeds give equal numbers on every machine. */
export interface Random {
  /** Starts over at the numbers of one row, which do not depend on the rows visited before. */
  seek(row: number): void;
  /** A whole number from 0 to 2^32 - 1. */
  next(): number;
  /** A whole number from `min` to `max`, both inclusive; at most 2^21 apart, so that no value is likelier than another by more than 1 in 2,000. */
  integer(min: number, max: number): number;
  /** Whether something of the probability `share` (0 to 1) happens. */
  chance(share: number): boolean;
  /** One of the items; there must be at least one. */
  pick<Item>(items: readonly Item[]): Item;
}

const TWO_TO_32 = 4_294_967_296;

/**
 * The numbers of one stream of a seed: xoroshiro64** (Blackman and Vigna), whose two words are a hash of seed, stream and row.
 *
 * @param seed a whole number from 0 to 2^32 - 1
 * @param stream names what the numbers are for; streams of one seed are independent
 */
export function createRandom(seed: number, stream: string): Random {
  const origin = mix(hashText(stream) ^ mix(seed));
  let first = 0;
  let second = 0;

  function seek(row: number): void {
    const high = Math.floor(row / TWO_TO_32);
    first = mix((row ^ origin) + Math.imul(high, 0x27d4eb2f));
    second = mix(Math.imul(row, 0x9e3779b1) + origin + high) | 1;
  }

  function next(): number {
    const product = Math.imul(first, 0x9e3779bb);
    const result = Math.imul(rotate(product, 5), 5) >>> 0;
    const mixed = second ^ first;
    first = rotate(first, 26) ^ mixed ^ (mixed << 9);
    second = rotate(mixed, 13);
    return result;
  }

  function integer(min: number, max: number): number {
    return min + Math.floor((next() * (max - min + 1)) / TWO_TO_32);
  }

  seek(0);
  return {
    seek,
    next,
    integer,
    chance: (share) => next() < share * TWO_TO_32,
    pick: (items) => {
      if (items.length === 0) throw new TypeError('there is nothing to pick from');
      return items[integer(0, items.length - 1)] as (typeof items)[number];
    },
  };
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

/** Spreads every bit of a 32-bit word over the whole word. */
function mix(word: number): number {
  let mixed = word | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
  return mixed ^ (mixed >>> 15);
}

function hashText(text: string): number {
  let hash = text.length;
  for (let index = 0; index < text.length; index++) hash = mix(hash + text.charCodeAt(index));
  return hash;
}
