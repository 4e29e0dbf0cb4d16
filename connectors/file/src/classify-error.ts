import { isMillraceError, MillraceError } from '@millrace/core';
import { type FileVersion, isUnchanged } from './file-version.ts';

/** What was read when something failed. */
export interface ReadAttempt {
  readonly component: string;
  readonly files: readonly FileVersion[];
  readonly signal?: AbortSignal;
}

/**
 * The error of reading files through the engine. The statement is the connector's own, so that whatever is wrong is wrong with
 * the files: `conflict` when one changed meanwhile, otherwise `invalid_data` with the file and line where the engine tells
 * them. Values of rows are never repeated.
 */
export async function classifyReadError(error: unknown, attempt: ReadAttempt): Promise<unknown> {
  if (!isMillraceError(error) || error.connector === 'file' || error.code === 'cancelled') return error;
  const changed = await findChangedFile(attempt.files);
  if (changed !== undefined) return changedFileError(changed, attempt.component, error);
  const { component } = attempt;
  switch (error.code) {
    case 'sql_error':
    case 'invalid_data':
    case 'io':
    case 'unsupported':
      return new MillraceError({
        component,
        connector: 'file',
        cause: error,
        code: error.code === 'sql_error' ? 'invalid_data' : error.code,
        ...describeFailure(engineText(error), attempt.files, error.reason),
      });
    default:
      return new MillraceError({
        component,
        connector: 'file',
        code: error.code,
        message: error.reason,
        retryable: error.retryable,
        cause: error,
        ...(error.hint === undefined ? {} : { hint: error.hint }),
      });
  }
}

/** The first file that is no longer the one that was looked at. */
export async function findChangedFile(files: readonly FileVersion[]): Promise<FileVersion | undefined> {
  const unchanged = await Promise.all(files.map(isUnchanged));
  return files.find((_, index) => !unchanged[index]);
}

/** The error for a file that was written to, replaced or removed while a scan relied on it. */
export function changedFileError({ path }: FileVersion, component: string, cause?: unknown): MillraceError {
  return new MillraceError({
    code: 'conflict',
    component,
    connector: 'file',
    message: `${path} changed while it was read`,
    hint: 'Run it again; replace files by renaming a finished one into place',
    retryable: true,
    ...(cause === undefined ? {} : { cause }),
  });
}

function engineText(error: MillraceError): string {
  return error.cause instanceof Error ? error.cause.message : '';
}

/** What the engine's text tells apart from values. It only makes a message clearer; nothing depends on it. */
function describeFailure(
  text: string,
  files: readonly FileVersion[],
  fallback: string,
): { readonly message: string; readonly hint: string } {
  const file = files.find(({ path }) => text.includes(path))?.path ?? (files.length === 1 ? files[0]!.path : undefined);
  const line = /CSV Error on Line: (\d+)/.exec(text)?.[1] ?? /\bin line (\d+)/.exec(text)?.[1];
  const record = /\bin record\/value (\d+)/.exec(text)?.[1];
  const place = line !== undefined ? `line ${line} of ` : record !== undefined ? `record ${record} of ` : '';
  const subject = file === undefined ? `${place}one of the files` : `${place}${file}`;
  const counts = /Expected Number of Columns: (\d+) Found: (\d+)/.exec(text);
  if (counts)
    return {
      message: `${subject} has ${counts[2]} fields and not ${counts[1]}`,
      hint: 'Correct it; csv_null_padding: true fills short rows with NULL',
    };
  const column = /(?:converting column|in column|column named?) "((?:[^"]|"")*)"/i.exec(text)?.[1];
  if (column !== undefined)
    return {
      message: `${subject}: a value does not fit the type of column ${column}`,
      hint: 'Correct it, or declare the column with a wider type under columns',
    };
  if (/JSON transform error/.test(text))
    return {
      message: `${subject}: a value does not fit the type of its column`,
      hint: 'Correct it, or declare the column with a wider type under columns',
    };
  if (/Malformed JSON/.test(text))
    return { message: `${subject} is not valid JSON`, hint: 'Check that the file is whole and its format right' };
  return {
    message:
      file === undefined || fallback.includes(file)
        ? `${subject} cannot be read: ${fallback}`
        : `${subject} cannot be read: ${fallback}`,
    hint: 'Check that the file is whole and has the format that its extension or file_format says',
  };
}
