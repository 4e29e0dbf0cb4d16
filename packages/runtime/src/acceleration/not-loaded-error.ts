import { MillraceError } from '@millrace/core';
import { describeError } from '../observability/describe-error.ts';

/** The error of a query over a copy without rows; `cause` is what its first load failed with, undefined where none has been tried. */
export function notLoadedError(dataset: string, cause: unknown): MillraceError {
  return new MillraceError({
    code: 'not_ready',
    component: `dataset ${dataset}`,
    message: cause === undefined ? 'it has not been loaded' : `its first load failed: ${describeError(cause)}`,
    hint: 'Mend the cause and refresh the dataset.',
    retryable: true,
    cause,
  });
}
