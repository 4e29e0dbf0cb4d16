import { MillraceError, nearestName } from '@millrace/core';

/** The error for a file without a column that the table has. */
export function missingColumnError(request: {
  readonly component: string;
  readonly file: string;
  readonly column: string;
  readonly present: readonly string[];
  readonly hint?: string;
}): MillraceError {
  const nearest = request.hint === undefined ? nearestName(request.column, request.present) : undefined;
  return new MillraceError({
    code: 'schema_mismatch',
    component: request.component,
    connector: 'file',
    message: `${request.file} has no column ${request.column}`,
    hint: nearest === undefined ? (request.hint ?? `It has ${request.present.join(', ')}`) : `Did you mean ${nearest}?`,
  });
}

/** The error for a file with a column that the files before it have not. */
export function extraColumnError(request: {
  readonly component: string;
  readonly file: string;
  readonly column: string;
  readonly hint: string;
}): MillraceError {
  return new MillraceError({
    code: 'schema_mismatch',
    component: request.component,
    connector: 'file',
    message: `${request.file} has a column ${request.column}, which the files before it have not`,
    hint: request.hint,
  });
}

/** The error for a column whose values in one file have a type that the table's column cannot hold exactly. */
export function columnTypeError(request: {
  readonly component: string;
  readonly file: string;
  readonly column: string;
  readonly found: string;
  readonly wanted: string;
}): MillraceError {
  return new MillraceError({
    code: 'schema_mismatch',
    component: request.component,
    connector: 'file',
    message: `column ${request.column} is ${request.found} in ${request.file} and ${request.wanted} in the table`,
    hint: 'Declare a type that holds both under columns, or start again to infer it anew',
  });
}
