const LONG_MS = 2 ** 30;

/**
 * Awaits something that only a timer of the clock may bring about. Such a timer does not keep the process alive, and Node ends a
 * process that has nothing else, with status 13, whoever waits: until the promise is settled this does.
 */
export async function keepProcess<T>(awaited: Promise<T>): Promise<T> {
  const timer = setInterval(() => {}, LONG_MS);
  try {
    return await awaited;
  } finally {
    clearInterval(timer);
  }
}
