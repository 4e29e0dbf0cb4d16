/** Time within which a connector has to let go or give up. Far above what is needed, so that a busy machine passes. */
export const PATIENCE_MS = 60_000;

/** The part of all limits that is waited; less than 1 where what hangs is what is looked for. */
export const patience: { factor: number } = { factor: 1 };

/** Waits for a promise, but not for ever; undefined when the time is over. */
export async function settleWithin<T>(
  milliseconds: number,
  promise: Promise<T>,
): Promise<PromiseSettledResult<T> | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const timeOut = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), milliseconds * patience.factor);
  });
  try {
    const [result] = await Promise.race([Promise.allSettled([promise]), timeOut.then(() => [undefined] as const)]);
    return result;
  } finally {
    clearTimeout(timer);
  }
}

/** Asks again and again until the answer is yes; false when the time is over. */
export async function becomesTrue(milliseconds: number, ask: () => boolean | Promise<boolean>): Promise<boolean> {
  const end = Date.now() + milliseconds * patience.factor;
  for (;;) {
    if (await ask()) return true;
    if (Date.now() > end) return false;
    await pause(20);
  }
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
