import { anySignal } from '../lifetime.ts';

/**
 * Runs work side by side. When one part fails, the others are told to stop through the signal they were given; only once all
 * have ended is the first failure thrown, so that nothing goes on behind the caller's back.
 */
export async function settleAll(
  signal: AbortSignal,
  start: (signal: AbortSignal) => readonly Promise<unknown>[],
): Promise<void> {
  const failure = new AbortController();
  let first: { readonly error: unknown } | undefined;
  const work = start(anySignal([signal, failure.signal])).map((part) =>
    part.catch((error: unknown) => {
      first ??= { error };
      failure.abort(error);
    }),
  );
  await Promise.all(work);
  if (first) throw first.error;
}
