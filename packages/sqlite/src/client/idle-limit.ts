/** Bounds how many things of several owners stay for their next use; those that have waited longest go first. */
export class IdleLimit<Thing extends object> {
  readonly #maxCount: number;
  /** In the order in which they became idle. */
  readonly #idle = new Map<Thing, (thing: Thing) => void>();

  constructor(maxCount: number) {
    this.#maxCount = maxCount;
  }

  /** A thing is idle from now on; its owner is told when it has to go. */
  add(thing: Thing, evict: (thing: Thing) => void): void {
    this.#idle.set(thing, evict);
    for (const [oldest, tell] of this.#idle) {
      if (this.#idle.size <= this.#maxCount) return;
      this.#idle.delete(oldest);
      tell(oldest);
    }
  }

  /** A thing is in use, or gone. */
  delete(thing: Thing): void {
    this.#idle.delete(thing);
  }
}
