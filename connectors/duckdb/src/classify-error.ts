import { type ErrorCode, isMillraceError, MillraceError } from '@millrace/core';

/** What was done when something failed. */
export interface Attempt {
  readonly component: string;
  readonly path: string;
}

/**
 * The error of reading a database file through the kit, which has classified what DuckDB threw. The statement is the connector's own, so
 * that whatever is wrong with it is wrong with the file or the view in it.
 */
export function classifyReadError(error: unknown, { component, path }: Attempt): unknown {
  if (!isMillraceError(error)) return fileError(error, { component, path });
  if (error.connector === 'duckdb' || error.code === 'cancelled') return error;
  const common = { component, connector: 'duckdb', cause: error };
  switch (error.code) {
    case 'conflict':
      // The kit calls a lock of another process retryable, and an owner in this process not.
      return error.retryable
        ? new MillraceError({
            ...common,
            code: 'unavailable',
            message: `${path} is open for writing in another process`,
            hint: 'Close it there, or read a copy; DuckDB lets one process write, or several read',
            retryable: true,
          })
        : new MillraceError({
            ...common,
            code: 'conflict',
            message: `${path} is open in this process already`,
            hint: 'Give the accelerator a file of its own, and read this one through one connector',
          });
    case 'unauthorized':
      return new MillraceError({
        ...common,
        code: 'unauthorized',
        message: `${path} reads a file that it may not read`,
        hint: 'A view may read files in the folder of its database and below, and no others',
      });
    case 'sql_error':
    case 'sql_syntax':
    case 'unknown_table':
      return new MillraceError({
        ...common,
        code: 'invalid_data',
        message: `DuckDB refuses to read the table or view: ${error.reason}`,
        hint: 'Read it with the duckdb shell; a view may name tables or functions that are gone',
      });
    default:
      return new MillraceError({
        ...common,
        code: error.code,
        message: error.reason,
        retryable: error.retryable,
        ...(error.hint === undefined ? {} : { hint: error.hint }),
      });
  }
}

/** The error of a call to the file system. */
function fileError(error: unknown, { component, path }: Attempt): unknown {
  const system = (error as NodeJS.ErrnoException | null)?.code;
  if (typeof system !== 'string') return error;
  const code: ErrorCode = system === 'EACCES' || system === 'EPERM' ? 'unauthorized' : 'io';
  return new MillraceError({
    code,
    component,
    connector: 'duckdb',
    message: code === 'io' ? `${path} cannot be read (${system})` : `${path} may not be read`,
    hint: code === 'io' ? 'Check the file and its disk' : 'Give the user of this process the right to read it',
    cause: error,
  });
}

/** The error for a file that was written to, replaced or removed while a scan relied on it. */
export function changedFileError({ component, path }: Attempt): MillraceError {
  return new MillraceError({
    code: 'conflict',
    component,
    connector: 'duckdb',
    message: `${path} changed while it was read`,
    hint: 'Run it again',
    retryable: true,
  });
}
