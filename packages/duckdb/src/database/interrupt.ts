import type { DuckDBConnection } from '@duckdb/node-api';

/** An interrupt that comes before the engine has begun is lost, so it is repeated. */
const REPEAT_MS = 10;

/**
 * Interrupts a connection until `settled` is settled, and waits for that. The outcome of `settled` is not looked at.
 */
export async function interruptUntilSettled(connection: DuckDBConnection, settled: Promise<unknown>): Promise<void> {
  connection.interrupt();
  const timer = setInterval(() => connection.interrupt(), REPEAT_MS);
  try {
    await settled.then(ignore, ignore);
  } finally {
    clearInterval(timer);
  }
}

/** Waits for `work`, which the abort of `signal` interrupts; what it came to despite an interrupt counts. */
export async function interruptible<T>(
  connection: DuckDBConnection,
  work: Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  if (signal === undefined) {
    return work;
  }
  const interrupt = () => void interruptUntilSettled(connection, work);
  if (signal.aborted) {
    interrupt();
  }
  signal.addEventListener('abort', interrupt, { once: true });
  try {
    return await work;
  } finally {
    signal.removeEventListener('abort', interrupt);
  }
}

function ignore(): void {}
