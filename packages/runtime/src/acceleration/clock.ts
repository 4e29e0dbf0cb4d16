const MAX_TIMER_MS = 2 ** 31 - 1;

/** Time and chance as refreshes use them; another one makes hours pass in a test. */
export interface Clock {
  /** Milliseconds since 1970-01-01 UTC. */
  now(): number;
  /** A number from 0 to below 1. */
  random(): number;
  /** Calls back once after a delay, however long it is; what it returns cancels that. A timer does not keep the process alive. */
  setTimer(callback: () => void, delayMs: number): () => void;
}

/** The clock of the machine. */
export const systemClock: Clock = {
  now: Date.now,
  random: Math.random,
  setTimer: (callback, delayMs) => {
    let timer: NodeJS.Timeout;
    // A timer cannot wait longer than 2^31-1 ms, and fires at once when told to.
    const wait = (restMs: number): void => {
      const isLong = restMs > MAX_TIMER_MS;
      timer = setTimeout(
        () => (isLong ? wait(restMs - MAX_TIMER_MS) : callback()),
        Math.max(0, isLong ? MAX_TIMER_MS : restMs),
      );
      timer.unref();
    };
    wait(delayMs);
    return () => clearTimeout(timer);
  },
};
