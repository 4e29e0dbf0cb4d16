/** Whoever takes part when memory is divided. */
export interface MemoryClaim {
  readonly minBytes: number;
  /** Infinity for no bound. */
  readonly maxBytes: number;
  /** `main` for the query engine, of which there is one. */
  readonly rank: 'main' | 'other';
}

const MEBIBYTE = 2 ** 20;

/**
 * Divides memory: everybody gets the least that they need; of what is left, half goes to the others alike, as far as they have use for it, and
 * the rest to the main one. Parts of a mebibyte and more are whole mebibytes. Where there is less than the sum of what they need at least,
 * everybody gets that all the same: it is for the caller to see that there is enough.
 */
export function divideMemory(bytes: number, claims: readonly MemoryClaim[]): readonly number[] {
  const rest = Math.max(0, bytes - sum(claims.map(({ minBytes }) => minBytes)));
  const hasMain = claims.some(({ rank }) => rank === 'main');
  const others = claims.filter(({ rank }) => rank === 'other');
  const parts = spread(hasMain ? rest / 2 : rest, others);
  const mainPart = rest - sum([...parts.values()]);
  return claims.map((claim) => {
    const more = claim.rank === 'main' ? Math.min(mainPart, claim.maxBytes - claim.minBytes) : (parts.get(claim) ?? 0);
    return claim.minBytes + Math.floor(more / MEBIBYTE) * MEBIBYTE;
  });
}

/** Gives each as much as the others, and what one has no use for to those that have. */
function spread(bytes: number, claims: readonly MemoryClaim[]): ReadonlyMap<MemoryClaim, number> {
  const parts = new Map<MemoryClaim, number>();
  const byUse = [...claims].sort((a, b) => a.maxBytes - a.minBytes - (b.maxBytes - b.minBytes));
  let left = bytes;
  byUse.forEach((claim, index) => {
    const part = Math.min(left / (byUse.length - index), claim.maxBytes - claim.minBytes);
    parts.set(claim, part);
    left -= part;
  });
  return parts;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
