/** Milliseconds before the first retry, the second and so on; the last one stands for all that follow. */
const DELAYS_MS: readonly number[] = [
  1_000, 1_000, 2_000, 3_000, 5_000, 8_000, 13_000, 21_000, 34_000, 55_000, 89_000, 144_000, 233_000, 300_000,
];

/** Share of the delay by which it is longer or shorter, so that datasets that failed together do not come back together. */
const SPREAD = 0.3;

/**
 * Milliseconds to wait before a retry, counted from 1; `random` is from 0 to below 1.
 *
 * Source: the refresh retries of Spice (Fibonacci, at most five minutes, ±30 %).
 */
export function retryDelayMs(retry: number, random: number): number {
  const delayMs = DELAYS_MS[Math.min(retry, DELAYS_MS.length) - 1] ?? 0;
  return Math.round(delayMs * (1 - SPREAD + 2 * SPREAD * random));
}
