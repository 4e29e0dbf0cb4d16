import { isMillraceError, type MillraceError } from '@millrace/core';

/** The errors that one error stands for, or itself. */
export function separateErrors(error: MillraceError): readonly MillraceError[] {
  if (!(error.cause instanceof AggregateError)) return [error];
  const parts = error.cause.errors.filter(isMillraceError);
  return parts.length === 0 ? [error] : parts.flatMap(separateErrors);
}
