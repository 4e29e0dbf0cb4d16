import { cancelledError } from '@millrace/core';

/** Lets so many refreshes run at the same time; the others wait in the order in which they came. */
export class RefreshLimit {
  readonly #waiting: (() => void)[] = [];
  #count: number;
  #running = 0;

  /** `count` is at least 1; infinity for no limit. */
  constructor(count: number) {
    this.#count = count;
  }

  /** Lets so many run from now on; those that run already go on. */
  resize(count: number): void {
    this.#count = count;
    this.#admit();
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
    if (this.#running < this.#count) {
      this.#running += 1;
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

  #leave(): void {
    this.#running -= 1;
    this.#admit();
  }

  #admit(): void {
    while (this.#running < this.#count) {
      const next = this.#waiting.shift();
      if (!next) return;
      this.#running += 1;
      next();
    }
  }
}
