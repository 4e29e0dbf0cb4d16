import { isMillraceError, MillraceError } from '@millrace/core';

/** The error of a refresh: what it failed with first, and for which dataset, as an engine that has no memory left does not know that. */
export function refreshFailure(thrown: unknown, dataset: string): unknown {
  const error = firstFailure(thrown);
  if (!isMillraceError(error) || error.code !== 'resource_exhausted' || error.component.startsWith('dataset '))
    return error;
  const { code, reason, hint, retryable } = error;
  return new MillraceError({
    code,
    component: `dataset ${dataset}`,
    message: `its refresh needs more memory than there is: ${reason}`,
    ...(hint === undefined ? {} : { hint }),
    retryable,
    cause: error,
  });
}

/** What is let go of after a failure may fail as well, which `using` puts in front. */
function firstFailure(thrown: unknown): unknown {
  let first = thrown;
  while (first instanceof Error && first.name === 'SuppressedError' && 'suppressed' in first) first = first.suppressed;
  return first;
}
