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

/** What a text of the engine says went wrong, without the values that it quotes. */
const CAUSES: readonly {
  readonly form: RegExp;
  readonly message: (match: RegExpExecArray) => string;
  readonly hint: string;
}[] = [
  {
    form: /Expected Number of Columns: (\d+) Found: (\d+)/,
    message: (match) => `has ${match[2]} fields and not ${match[1]}`,
    hint: 'Correct it; csv_null_padding: true fills short rows with NULL',
  },
  {
    form: /(?:converting column|in column|column named?) "((?:[^"]|"")*)"/i,
    message: (match) => `has a value that does not fit the type of column ${match[1]}`,
    hint: 'Correct it, or declare the column with a wider type under columns',
  },
  {
    form: /[Ii]nvalid [Uu]nicode|not utf-8/i,
    message: () => 'is not valid UTF-8',
    hint: 'Set csv_encoding to what the file is',
  },
  {
    form: /Maximum line size of/i,
    message: () => 'is too long',
    hint: 'Set csv_maximum_line_size to a larger size, or correct an unclosed quote',
  },
  {
    form: /maximum_object_size/,
    message: () => 'is larger than a record may be',
    hint: 'Set json_maximum_object_size to a larger size',
  },
  {
    form: /duplicate (?:key|name)/i,
    message: () => 'has the same key twice in one object',
    hint: 'Correct it: keys may not differ by case alone',
  },
  {
    form: /Malformed JSON/,
    message: () => 'is not valid JSON',
    hint: 'Check that the file is whole and its format right',
  },
  {
    form: /JSON transform error/,
    message: () => 'has a value that does not fit the type of its column',
    hint: 'Correct it, or declare the column with a wider type under columns',
  },
];

/** A message that names file and line where the engine's text tells them. It only reads better for it: no code depends on a text. */
function describeFailure(
  text: string,
  files: readonly FileVersion[],
  fallback: string,
): { readonly message: string; readonly hint: string } {
  const named = files.find(({ path }) => text.includes(path)) ?? (files.length === 1 ? files[0] : undefined);
  const line = /CSV Error on Line: (\d+)/.exec(text)?.[1] ?? /\bin line (\d+)/.exec(text)?.[1];
  const record = /\bin record\/value (\d+)/.exec(text)?.[1];
  const place = line !== undefined ? `line ${line} of ` : record !== undefined ? `record ${record} of ` : '';
  const subject = `${place}${named?.path ?? 'one of the files'}`;
  for (const { form, message, hint } of CAUSES) {
    const match = form.exec(text);
    if (match) return { message: `${subject} ${message(match)}`, hint };
  }
  return {
    message: `${subject} cannot be read: ${fallback}`,
    hint: 'Check that the file is whole and has the format that its extension or file_format says',
  };
}
