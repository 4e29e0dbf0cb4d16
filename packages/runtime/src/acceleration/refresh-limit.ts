import { cancelledError } from '@millrace/core';

/** Lets so many refreshes run at the same time; the others wait in the order in which they came. */
export class RefreshLimit {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  /** `count` is at least 1; infinity for no limit. */
  constructor(count: number) {
    this.#free = count;
  }

  /** Runs the work as soon as there is room. @throws MillraceError `cancelled` when the signal fires before that; what the work throws. */
  async run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    await this.#enter(signal);
    try {
      return await work();
    } finally {
      this.#leave();
    }
  }

  async #enter(signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw cancelledError('refresh', signal);
    if (this.#free > 0) {
      this.#free -= 1;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const enter = (): void => {
        signal.removeEventListener('abort', give);
        resolve();
      };
      const give = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(enter), 1);
        reject(cancelledError('refresh', signal));
      };
      signal.addEventListener('abort', give, { once: true });
      this.#waiting.push(enter);
    });
  }

  /** Hands the place on to the next one. */
  #leave(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#free += 1;
  }
}
