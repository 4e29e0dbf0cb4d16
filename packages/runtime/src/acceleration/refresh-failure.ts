import { isMillraceError, MillraceError } from '@millrace/core';

/** The error of a refresh: an engine that has no memory left does not know for which dataset it worked. */
export function refreshFailure(error: unknown, dataset: string): unknown {
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
