/** What is waited for, and for how long. */
export interface AbortableWait<Result> {
  /** Goes on without whoever waits for it. */
  readonly promise: Promise<Result>;
  readonly signal: AbortSignal;
  /** Takes what comes when nobody waits for it any more. */
  readonly discard?: (late: Result) => void;
}

/** Waits for what cannot be stopped, or what others wait for, too. @throws the reason of `signal`, and what the promise brings. */
export function untilAborted<Result>({ promise, signal, discard }: AbortableWait<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    promise
      .then((result) => {
        if (signal.aborted) discard?.(result);
        else resolve(result);
      }, reject)
      .finally(() => signal.removeEventListener('abort', abort));
  });
}
