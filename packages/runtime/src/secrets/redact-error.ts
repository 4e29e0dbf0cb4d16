import { isMillraceError, MillraceError } from '@millrace/core';

/**
 * The error with the secrets taken out of its messages, its causes included; the very same error where there were none.
 * Stacks repeat the message, so a changed error has a new one.
 */
export function redactError(error: Error, redact: (text: string) => string, depth = 0): Error {
  const cause = error.cause instanceof Error && depth < 8 ? redactError(error.cause, redact, depth + 1) : error.cause;
  const clean = redact(error.message) === error.message && redact(error.stack ?? '') === (error.stack ?? '');
  if (clean && cause === error.cause) return error;
  if (isMillraceError(error)) {
    return new MillraceError({
      code: error.code,
      component: redact(error.component),
      message: redact(error.reason),
      retryable: error.retryable,
      ...(error.connector === undefined ? {} : { connector: error.connector }),
      ...(error.hint === undefined ? {} : { hint: redact(error.hint) }),
      ...(error.location === undefined ? {} : { location: error.location }),
      ...(cause === undefined ? {} : { cause }),
    });
  }
  return Object.assign(new Error(redact(error.message), cause === undefined ? {} : { cause }), { name: error.name });
}
