let turnStart: number | undefined;

/**
 * How long the present turn of the event loop has been at work, in milliseconds, as far as anybody has asked in it: 0 for the first call.
 *
 * Whoever computes for long gives way by this one clock, so that the pieces of several computations which share a turn add up to one
 * budget and not to one each.
 */
export function turnAgeMs(): number {
  const now = performance.now();
  if (turnStart === undefined) {
    turnStart = now;
    // Runs ahead of whatever has been put off to the next turn since.
    setImmediate(() => {
      turnStart = undefined;
    });
  }
  return now - turnStart;
}
