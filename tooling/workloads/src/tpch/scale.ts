/** How many rows the tables of a scale factor have, and the rules that tie their keys together. */
export interface Scale {
  readonly supplierCount: number;
  readonly partCount: number;
  readonly customerCount: number;
  readonly orderCount: number;
  readonly clerkCount: number;
}

const MIN_SCALE_FACTOR = 0.001;
const MAX_SCALE_FACTOR = 1_000;

/** @throws TypeError for a scale factor outside 0.001 to 1,000. */
export function scaleOf(scaleFactor: number): Scale {
  if (!(scaleFactor >= MIN_SCALE_FACTOR && scaleFactor <= MAX_SCALE_FACTOR)) {
    throw new TypeError(`a scale factor lies between ${MIN_SCALE_FACTOR} and ${MAX_SCALE_FACTOR}`);
  }
  return {
    supplierCount: Math.round(scaleFactor * 10_000),
    partCount: Math.round(scaleFactor * 200_000),
    customerCount: Math.round(scaleFactor * 150_000),
    orderCount: Math.round(scaleFactor * 1_500_000),
    clerkCount: Math.max(1, Math.round(scaleFactor * 1_000)),
  };
}

/** Suppliers of one part; each part has this many. */
export const SUPPLIERS_PER_PART = 4;

/**
 * The key of a part's supplier of an ordinal from 0 to 3: dbgen's formula, with a wider step where that would name a supplier twice
 * (only below 300 suppliers).
 */
export function supplierOfPart({ supplierCount }: Scale, partKey: number, ordinal: number): number {
  let step = Math.floor(supplierCount / 4) + Math.floor((partKey - 1) / supplierCount);
  while (step % supplierCount === 0 || (2 * step) % supplierCount === 0 || (3 * step) % supplierCount === 0) step++;
  return ((partKey + ordinal * step) % supplierCount) + 1;
}

/** A part's price in hundredths. */
export function retailPrice(partKey: number): number {
  return 90_000 + (Math.floor(partKey / 10) % 20_001) + 100 * (partKey % 1_000);
}

/** The key of the order of a rank from 1: of 32 keys the first 8 are used. */
export function orderKey(rank: number): number {
  return Math.floor(rank / 8) * 32 + (rank % 8);
}

/** How many customers have orders: all but those whose key is a multiple of 3. */
export function buyerCount({ customerCount }: Scale): number {
  return customerCount - Math.floor(customerCount / 3);
}

/** The key of the buyer of a rank from 0. */
export function buyerKey(rank: number): number {
  return rank + Math.floor(rank / 2) + 1;
}
