import { isMillraceError, MillraceError } from '@millrace/core';

/** The error as one of ours; one of another kind is a defect of the connector and says so. */
export function toSourceFailure(
  error: unknown,
  owner: { readonly component: string; readonly connector: string },
): MillraceError {
  if (isMillraceError(error)) return error;
  return new MillraceError({
    ...owner,
    code: 'internal',
    message: error instanceof Error ? error.message : String(error),
    hint: 'This looks like a defect of the connector: please report it.',
    cause: error,
  });
}
