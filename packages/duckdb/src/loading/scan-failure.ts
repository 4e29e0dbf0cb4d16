import { isMillraceError, type MillraceError } from '@millrace/core';

/** How many failures are remembered; a failed scan is asked about at once. */
const MAX_REMEMBERED = 32;

const remembered: MillraceError[] = [];

/** Keeps an error that a table function throws, as only its text comes back through DuckDB. */
export function rememberFailure(error: MillraceError): MillraceError {
  remembered.push(error);
  if (remembered.length > MAX_REMEMBERED) {
    remembered.shift();
  }
  return error;
}

/**
 * The error that a table function threw, when DuckDB's own error repeats its text; undefined for any other.
 *
 * Use it before classifying an error by DuckDB's prefix, which says `Invalid Input Error` for all of these.
 */
export function findScanFailure(error: unknown): MillraceError | undefined {
  if (isMillraceError(error) && error.cause === undefined) {
    return undefined;
  }
  const text = error instanceof Error ? error.message : String(error);
  return remembered.findLast((failure) => text.includes(failure.message));
}
