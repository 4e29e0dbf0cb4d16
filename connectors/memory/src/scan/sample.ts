import type { Sample } from '@millrace/core';
import { type RowIds, rowIdAt } from '../snapshot.ts';

/** Tells of the rows with given identities which are in the sample. */
export type RowSampler = (rowIds: RowIds) => (row: number) => boolean;

/** Rows that a `system` sample takes or leaves together. */
const BLOCK_BITS = 11n;
const TWO_TO_32 = 4_294_967_296;

/**
 * Creates a sample by a hash of seed and row identity, so that it is the same however the table is cut into partitions and however often
 * a partition is read. A fraction of 0 takes nothing, 1 everything; without a seed each sampler draws its own.
 */
export function createSampler(sample: Sample): RowSampler {
  const seed = sample.seed ?? BigInt(Math.floor(Math.random() * TWO_TO_32));
  const low = Number(BigInt.asUintN(32, seed));
  const high = Number(BigInt.asUintN(32, seed >> 32n));
  const threshold = sample.fraction * TWO_TO_32;
  const shift = sample.method === 'system' ? BLOCK_BITS : 0n;
  return (rowIds) => (row) => {
    const unit = rowIdAt(rowIds, row) >> shift;
    const hash = mix(mix(mix(low ^ Number(BigInt.asUintN(32, unit))) ^ high) ^ Number(BigInt.asUintN(32, unit >> 32n)));
    return hash < threshold;
  };
}

/** Spreads 32 bits over 32 bits, one to one. Source: Chris Wellons' `lowbias32` (nullprogram.com, "Prospecting for Hash Functions"). */
function mix(value: number): number {
  let mixed = value >>> 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x7feb352d) >>> 0;
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x846ca68b) >>> 0;
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
