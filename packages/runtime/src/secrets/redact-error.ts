import { inspect } from 'node:util';
import { isMillraceError, MillraceError } from '@millrace/core';

type Redact = (text: string) => string;

const MAX_DEPTH = 8;

/**
 * The error with the secrets taken out: of its message and stack, its causes, the errors that it collects and
 * whatever else a driver hangs on its errors; the very same object where there were none. A changed error keeps code
 * and name, and loses other properties.
 */
export function redactError(error: Error, redact: Redact, depth = 0): Error {
  const shown = inspect(error, { depth: MAX_DEPTH, showHidden: true, maxStringLength: null, maxArrayLength: null });
  if (redact(shown) === shown) return error;
  const causes = redactCauses(error, redact, depth);
  if (isMillraceError(error)) {
    return new MillraceError({
      code: error.code,
      component: redact(error.component),
      message: redact(error.reason),
      retryable: error.retryable,
      ...(error.connector === undefined ? {} : { connector: error.connector }),
      ...(error.hint === undefined ? {} : { hint: redact(error.hint) }),
      ...(error.location === undefined ? {} : { location: error.location }),
      ...causes,
    });
  }
  const clean =
    error instanceof AggregateError
      ? new AggregateError(redactErrors(error.errors, redact, depth), redact(error.message), causes)
      : new Error(redact(error.message), causes);
  const { code } = error as { readonly code?: unknown };
  return Object.assign(clean, { name: redact(error.name) }, typeof code === 'string' ? { code: redact(code) } : {});
}

/** Past the depth a cause is dropped: what cannot be looked at must not be shown. */
function redactCauses({ cause }: Error, redact: Redact, depth: number): { readonly cause?: unknown } {
  if (cause === undefined || depth >= MAX_DEPTH) return {};
  return { cause: redactValue(cause, redact, depth) };
}

function redactErrors(errors: readonly unknown[], redact: Redact, depth: number): readonly unknown[] {
  return depth >= MAX_DEPTH ? [] : errors.map((each) => redactValue(each, redact, depth));
}

function redactValue(value: unknown, redact: Redact, depth: number): unknown {
  if (value instanceof Error) return redactError(value, redact, depth + 1);
  return redact(typeof value === 'string' ? value : inspect(value));
}
