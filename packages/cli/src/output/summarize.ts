/** `3 rows in 12 ms`. */
export function summarize(rowCount: number, elapsedMs: number): string {
  const time = elapsedMs < 1_000 ? `${Math.round(elapsedMs)} ms` : `${(elapsedMs / 1_000).toFixed(2)} s`;
  return `${rowCount.toLocaleString('en-US')} row${rowCount === 1 ? '' : 's'} in ${time}`;
}
