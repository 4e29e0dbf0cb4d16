/** Runs work of one kind one after the other, in the order in which it came; different kinds run side by side. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  /** @throws what the work throws. */
  run<T>(kind: string, work: () => Promise<T>): Promise<T> {
    const done = (this.#last.get(kind) ?? Promise.resolve()).then(work);
    const settled = done
      .catch(() => undefined)
      .then(() => {
        if (this.#last.get(kind) === settled) this.#last.delete(kind);
      });
    this.#last.set(kind, settled);
    return done;
  }

  /** Settles once nothing runs or waits. */
  async settled(): Promise<void> {
    while (this.#last.size > 0) await Promise.all(this.#last.values());
  }
}
