import { FailureError } from './failure.ts';

/** The name under which SQL calls {@link StopSignal.check}. */
export const CONTINUE_FUNCTION = 'millrace_continue';

/** The main thread's wish that the worker gives up, as a shared integer. */
export class StopSignal {
  readonly #flag: Int32Array;

  constructor(flag: Int32Array) {
    this.#flag = flag;
  }

  /** @throws FailureError `stopped` once the main thread wants it. */
  check(): void {
    if (Atomics.load(this.#flag, 0) !== 0) throw new FailureError({ kind: 'stopped' });
  }
}
