import type { Clock } from '../../src/index.ts';

/** A clock whose hands are moved by the test; chance is always in the middle. */
export class ManualClock implements Clock {
  #nowMs = Date.UTC(2026, 10, 29, 12, 0, 30);
  readonly #timers = new Map<object, { readonly dueMs: number; readonly callback: () => void }>();

  now(): number {
    return this.#nowMs;
  }

  random(): number {
    return 0.5;
  }

  setTimer(callback: () => void, delayMs: number): () => void {
    const key = {};
    this.#timers.set(key, { dueMs: this.#nowMs + delayMs, callback });
    return () => void this.#timers.delete(key);
  }

  /** Timers that have not fired. */
  get timerCount(): number {
    return this.#timers.size;
  }

  /** Milliseconds until the next timer; undefined without one. */
  get nextMs(): number | undefined {
    const due = [...this.#timers.values()].map(({ dueMs }) => dueMs);
    return due.length === 0 ? undefined : Math.min(...due) - this.#nowMs;
  }

  /** Lets that much time pass, and the timers fire whose time has come, in their order. */
  advance(durationMs: number): void {
    const endMs = this.#nowMs + durationMs;
    for (;;) {
      const next = [...this.#timers].toSorted(([, left], [, right]) => left.dueMs - right.dueMs)[0];
      if (!next || next[1].dueMs > endMs) break;
      this.#timers.delete(next[0]);
      this.#nowMs = next[1].dueMs;
      next[1].callback();
    }
    this.#nowMs = endMs;
  }
}
