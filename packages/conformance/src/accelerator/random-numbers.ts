/** Numbers that look random and are the same for one seed, so that a failure can be had again. Mulberry32, public domain. */
export interface RandomNumbers {
  /** At least 0, below the bound. */
  below(bound: number): number;
}

/** Starts a sequence of numbers. */
export function randomNumbers(seed: number): RandomNumbers {
  let state = seed >>> 0;
  return {
    below(bound) {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
      mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
      return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * bound);
    },
  };
}

/** The seed of a run: MILLRACE_TEST_SEED where it is set, else one of its own for full runs and a fixed one for short ones. */
export function seedOf(run: 'full' | 'reduced'): number {
  const given = process.env.MILLRACE_TEST_SEED;
  if (given !== undefined) return Number(given);
  return run === 'full' ? Date.now() % 1_000_000 : 20_241;
}
