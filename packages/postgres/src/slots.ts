import { MillraceError } from '@millrace/core';

/** How the slots are counted. */
export interface SlotsRequest {
  readonly count: number;
  readonly timeoutMs: number;
  readonly component: string;
}

/** Errors of users that waited in vain. */
const inVain = new WeakSet<object>();

/** Whether somebody waited for a slot for the whole of the timeout: waiting again would make it longer. */
export function isOutOfSlots(error: unknown): boolean {
  return typeof error === 'object' && error !== null && inVain.has(error);
}

interface Waiter {
  readonly take: () => void;
}

/** Lets at most `count` users in at a time, in the order of their coming. */
export class Slots {
  readonly #request: SlotsRequest;
  readonly #waiters: Set<Waiter> = new Set();
  #free: number;

  constructor(request: SlotsRequest) {
    this.#request = request;
    this.#free = request.count;
  }

  /**
   * Waits for a slot and takes it.
   *
   * @throws the reason of `signal`; MillraceError `resource_exhausted` after the timeout.
   */
  async take(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#free > 0) {
      this.#free -= 1;
      return;
    }
    const { timeoutMs } = this.#request;
    await new Promise<void>((resolve, reject) => {
      const settle = (act: () => void): void => {
        this.#waiters.delete(waiter);
        clearTimeout(timer);
        signal.removeEventListener('abort', abort);
        act();
      };
      const waiter: Waiter = { take: () => settle(resolve) };
      const abort = (): void => settle(() => reject(signal.reason));
      const timer = setTimeout(() => settle(() => reject(this.#exhausted())), timeoutMs);
      signal.addEventListener('abort', abort, { once: true });
      this.#waiters.add(waiter);
    });
  }

  /** Gives a slot back. */
  give(): void {
    const [next] = this.#waiters;
    if (next === undefined) this.#free += 1;
    else next.take();
  }

  #exhausted(): MillraceError {
    const { count, timeoutMs, component } = this.#request;
    const error = new MillraceError({
      code: 'resource_exhausted',
      component,
      connector: 'postgres',
      message: `all ${count} connections of the pool were in use for ${timeoutMs} ms`,
      hint: 'Raise connection_pool_size or connection_pool_timeout, or run fewer queries at the same time',
      retryable: true,
    });
    inVain.add(error);
    return error;
  }
}
