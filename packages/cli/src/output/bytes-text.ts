const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** A count of bytes in the decimal unit that leaves one to three digits before the point: `812 B`, `4.1 MB`. */
export function bytesText(byteCount: number): string {
  let value = byteCount;
  let unit = 0;
  // What would be rounded to 1000 is 1 of the next unit.
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1_000;
    unit += 1;
  }
  return `${unit === 0 || value >= 99.95 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`;
}
