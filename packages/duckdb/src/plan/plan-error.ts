import { type ErrorCode, MillraceError } from '@millrace/core';
import { type PlanNode, textOf } from './plan-json.ts';

const COMPONENT = 'query';

/**
 * The user's error that a serialized plan describes, or undefined when the engine merely could not serialize the plan.
 *
 * `error_type` is DuckDB's exception type, `error_subtype` and `type` say what is missing.
 */
export function planError(answer: PlanNode): MillraceError | undefined {
  const message = textOf(answer, 'error_message') ?? 'the query does not bind';
  switch (textOf(answer, 'error_type')) {
    case 'parser':
    case 'syntax':
      return failure({ code: 'sql_syntax', message });
    case 'catalog':
      return textOf(answer, 'type') === 'Table'
        ? failure({
            code: 'unknown_table',
            message: `table ${textOf(answer, 'name') ?? ''} does not exist`,
            hint: 'Name a dataset or view of the configuration',
          })
        : failure({ code: 'sql_error', message });
    case 'permission':
      return failure({
        code: 'sql_refused',
        message: 'the query reaches for a file or the network',
        hint: 'A query reads datasets and views alone: make the file a dataset',
      });
    case 'binder':
      return failure({ code: 'sql_error', message });
    default:
      return undefined;
  }
}

function failure(details: { code: ErrorCode; message: string; hint?: string }): MillraceError {
  return new MillraceError({ component: COMPONENT, ...details });
}

/** The error of a view that the engine refuses although its query binds. */
export function viewError(view: string, cause: unknown): MillraceError {
  return new MillraceError({
    code: 'sql_error',
    component: `view ${view}`,
    message: 'the query cannot be a view',
    hint: 'A view is one SELECT without parameters, over datasets and views that are defined before it',
    cause,
  });
}
