/** For each path, settles when the last work with it has ended; never rejects. */
const lastByPath = new Map<string, Promise<void>>();

/**
 * Does work with files while no other work of this process that names one of them is done here.
 *
 * `read_duckdb` of DuckDB 1.5.5 attaches the file. A statement that finds it attached by another one spins until that one has ended, on a
 * thread of libuv's pool: four of them leave no thread on which it could end.
 */
export async function inTurn<T>(paths: readonly string[], work: () => Promise<T>): Promise<T> {
  const before = Promise.all(paths.map((path) => lastByPath.get(path)));
  const result = before.then(work);
  const ended = result.then(
    () => undefined,
    () => undefined,
  );
  for (const path of paths) lastByPath.set(path, ended);
  try {
    return await result;
  } finally {
    for (const path of paths) if (lastByPath.get(path) === ended) lastByPath.delete(path);
  }
}
