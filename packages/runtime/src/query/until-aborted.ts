import { cancelledError } from '@millrace/core';

/**
 * Waits for work, but not beyond an abort; what the work comes to afterwards is dropped.
 * @throws MillraceError `cancelled` when the signal fires first, or what the work throws.
 */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let onAbort = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(cancelledError('query', signal));
  });
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
