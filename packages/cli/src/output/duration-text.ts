const UNITS: readonly (readonly [name: string, seconds: number])[] = [
  ['d', 86_400],
  ['h', 3_600],
  ['m', 60],
  ['s', 1],
];

/** A duration in its two largest units: `3d 4h`, `12m`, `8s`. Parts of a second are cut off, and a negative one is `0s`. */
export function durationText(durationMs: number): string {
  let rest = Math.max(0, Math.floor(durationMs / 1_000));
  const parts = UNITS.map(([name, seconds]) => {
    const count = Math.floor(rest / seconds);
    rest -= count * seconds;
    return { name, count };
  });
  const first = parts.findIndex(({ count }) => count > 0);
  if (first < 0) return '0s';
  return parts
    .slice(first, first + 2)
    .filter(({ count }) => count > 0)
    .map(({ name, count }) => `${count}${name}`)
    .join(' ');
}
