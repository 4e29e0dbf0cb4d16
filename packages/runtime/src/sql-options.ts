import { MillraceError, nearestName } from '@millrace/core';
import type { QueryParameters } from '@millrace/duckdb';
import type { ExecutionOptions } from './query/query-request.ts';

/** Options of one statement. */
export interface SqlOptions extends ExecutionOptions {
  /** Values of `$1`, `?` (an array) or `$name` (an object) at the time of the call, bound and never spliced into the text. */
  readonly parameters?: QueryParameters;
  /** Cancels the statement, at its sources as well. */
  readonly signal?: AbortSignal;
  /** Rows that a batch of the result should hold; a hint. */
  readonly batchRowCount?: number;
  /** `off` neither looks into the results cache nor keeps the result there. Default `on`, where the configuration has one. */
  readonly cache?: 'on' | 'off';
}

const KNOWN: Readonly<Record<keyof SqlOptions, true>> = {
  parameters: true,
  signal: true,
  batchRowCount: true,
  cache: true,
  pushdown: true,
  native: true,
};

/**
 * The options as they are given now, whatever the caller does with the values afterwards. JavaScript has no compiler that finds values that were
 * given in the place of options.
 *
 * @throws MillraceError `invalid_argument` for what are no options, and for an unknown one.
 */
export function requireSqlOptions(given: unknown): SqlOptions {
  if (given === undefined) return {};
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw refused('what follows the statement is no object of options', 'Give values as { parameters: [1] }');
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(KNOWN, name));
  if (unknown === undefined) return withOwnParameters(given);
  const nearest = nearestName(unknown, Object.keys(KNOWN));
  throw refused(
    `\`${unknown}\` is no option of a statement`,
    nearest === undefined ? `There are ${Object.keys(KNOWN).join(', ')}` : `Did you mean \`${nearest}\`?`,
  );
}

function withOwnParameters(options: SqlOptions): SqlOptions {
  const { parameters } = options;
  if (typeof parameters !== 'object' || parameters === null) return options;
  return { ...options, parameters: Array.isArray(parameters) ? parameters.slice() : { ...parameters } };
}

function refused(message: string, hint: string): MillraceError {
  return new MillraceError({ code: 'invalid_argument', component: 'query', message, hint });
}
