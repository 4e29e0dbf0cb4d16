import { cancelledError } from '@millrace/core';
import { turnAgeMs } from './turn-age.ts';

/** Milliseconds of work after which the event loop gets a turn. */
const TURN_MS = 2;

/** Gives the event loop a turn between steps of a long computation, and ends it when it was cancelled. */
export interface Breather {
  /**
   * Resolves at once while the turn lasts, which all computations of the process share. @throws MillraceError `cancelled` once the
   * signal aborts.
   */
  breathe(): Promise<void> | undefined;
}

/** Creates the breather of one computation. */
export function createBreather(component: string, signal: AbortSignal): Breather {
  return {
    breathe() {
      if (signal.aborted) throw cancelledError(component, signal);
      if (turnAgeMs() < TURN_MS) return undefined;
      return new Promise((resolve, reject) => {
        setImmediate(() => {
          if (signal.aborted) reject(cancelledError(component, signal));
          else {
            // The step that follows belongs to the turn.
            turnAgeMs();
            resolve();
          }
        });
      });
    },
  };
}
