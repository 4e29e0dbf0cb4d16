import { isMillraceError } from '@millrace/core';

/** The message of an error, whatever was thrown. */
export function describeError(error: unknown): string {
  if (isMillraceError(error) || error instanceof Error) return error.message;
  return String(error);
}

/** The code of an error; `internal` for one that is no MillraceError. */
export function errorCodeOf(error: unknown): string {
  return isMillraceError(error) ? error.code : 'internal';
}
