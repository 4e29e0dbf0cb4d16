/** Lines that were entered and not yet taken, so that what is typed while a query runs is run after it. */
export class LineQueue implements AsyncIterable<string> {
  #lines: string[] = [];
  #isEnded = false;
  #wake: (() => void) | undefined;

  /** True once no more lines will come; those that are there are still given out. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  push(line: string): void {
    this.#lines.push(line);
    this.#wake?.();
  }

  clear(): void {
    this.#lines = [];
  }

  end(): void {
    this.#isEnded = true;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<string, void, undefined> {
    for (;;) {
      const line = this.#lines.shift();
      if (line !== undefined) yield line;
      else if (this.#isEnded) return;
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
    }
  }
}
