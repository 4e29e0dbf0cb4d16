import { type ErrorCode, isMillraceError, type MillraceError } from '@millrace/core';
import type { CheckContext } from '../check-context.ts';
import { PATIENCE_MS, settleWithin } from './wait.ts';

/** A call that has to fail, and how. */
export interface ExpectedError {
  /** What is done, for the message. */
  readonly what: string;
  readonly run: () => Promise<unknown>;
  readonly codes: readonly ErrorCode[];
  /** Where the same call may succeed later. */
  readonly retryable?: boolean;
  /** Default: {@link PATIENCE_MS}. */
  readonly patienceMs?: number;
}

/** Runs a call and checks that it fails in time, with a typed error of one of the codes. */
export async function expectError(context: Pick<CheckContext, 'fail'>, request: ExpectedError): Promise<MillraceError> {
  const { what, run, codes, retryable, patienceMs = PATIENCE_MS } = request;
  const expected = `${what}: an error with the code ${codes.join(' or ')}`;
  const result = await settleWithin(patienceMs, Promise.resolve().then(run));
  if (result === undefined) return context.fail({ expected, found: `nothing within ${patienceMs} ms` });
  if (result.status === 'fulfilled') return context.fail({ expected, found: 'success' });
  const error: unknown = result.reason;
  if (!isMillraceError(error)) return context.fail({ expected, found: `an error without a code: ${String(error)}` });
  if (!codes.includes(error.code)) return context.fail({ expected, found: `the code ${error.code}: ${error.message}` });
  if (retryable !== undefined && error.retryable !== retryable)
    return context.fail({ expected: `${expected}, retryable ${retryable}`, found: `retryable ${error.retryable}` });
  return error;
}
