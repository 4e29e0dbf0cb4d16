import { cancelledError } from '@millrace/core';

/** Gives one caller after the other the only writer, in the order in which they asked. */
export class WriterTurns {
  readonly #waiting: (() => void)[] = [];
  #isTaken = false;

  get isFree(): boolean {
    return !this.#isTaken;
  }

  /** Waits for the turn; the function that comes back ends it, once. @throws MillraceError `cancelled`. */
  async take(component: string, signal?: AbortSignal): Promise<() => void> {
    if (signal?.aborted) throw cancelledError(component, signal);
    if (this.#isTaken) await this.#wait(component, signal);
    this.#isTaken = true;
    let isEnded = false;
    return () => {
      if (isEnded) return;
      isEnded = true;
      const next = this.#waiting.shift();
      // Whoever is next has the turn before anybody else can ask.
      if (next === undefined) this.#isTaken = false;
      else next();
    };
  }

  #wait(component: string, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const take = (): void => {
        signal?.removeEventListener('abort', abandon);
        resolve();
      };
      const abandon = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(take), 1);
        reject(cancelledError(component, signal));
      };
      signal?.addEventListener('abort', abandon, { once: true });
      this.#waiting.push(take);
    });
  }
}
