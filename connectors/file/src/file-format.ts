import { extname } from 'node:path';
import { MillraceError, type Parameters } from '@millrace/core';

/** What a file holds. `json` covers lines of records too: which layout it is shows in the file. */
export type FileFormat = 'parquet' | 'csv' | 'json' | 'arrow';

/** A format and what else the name of it tells. */
export interface FormatChoice {
  readonly format: FileFormat;
  readonly delimiter?: string;
  readonly jsonFormat?: string;
}

const BY_NAME: Readonly<Record<string, FormatChoice>> = {
  parquet: { format: 'parquet' },
  csv: { format: 'csv' },
  tsv: { format: 'csv', delimiter: '\t' },
  json: { format: 'json' },
  ndjson: { format: 'json', jsonFormat: 'newline_delimited' },
  jsonl: { format: 'json', jsonFormat: 'newline_delimited' },
  arrow: { format: 'arrow' },
};

const BY_EXTENSION: Readonly<Record<string, FormatChoice>> = {
  '.parquet': { format: 'parquet' },
  '.pq': { format: 'parquet' },
  '.csv': { format: 'csv' },
  '.tsv': { format: 'csv' },
  '.json': { format: 'json' },
  '.ndjson': { format: 'json' },
  '.jsonl': { format: 'json' },
  '.arrow': { format: 'arrow' },
  '.arrows': { format: 'arrow' },
  '.feather': { format: 'arrow' },
  '.ipc': { format: 'arrow' },
};

const COMPRESSION_EXTENSIONS: ReadonlySet<string> = new Set(['.gz', '.zst']);

/**
 * The format that the dataset names, or that the extension of every file tells.
 * @throws MillraceError `invalid_parameter` when the format is open: no telling extension, or different ones.
 */
export function chooseFormat(parameters: Parameters, files: readonly string[], component: string): FormatChoice {
  const named = parameters.string('format');
  if (named !== undefined) return BY_NAME[named]!;
  const choices = files.map(formatOfName);
  const [first] = choices;
  const open = choices.findIndex((choice) => choice === undefined || choice.format !== first?.format);
  if (first !== undefined && open === -1) return first;
  throw new MillraceError({
    code: 'invalid_parameter',
    component,
    connector: 'file',
    message:
      first === undefined || choices[open] === undefined
        ? `the extension of ${files[open]} does not tell its format`
        : `${files[0]} and ${files[open]} have different formats`,
    hint: 'Set the parameter file_format',
  });
}

function formatOfName(file: string): FormatChoice | undefined {
  const extension = extname(file).toLowerCase();
  if (!COMPRESSION_EXTENSIONS.has(extension)) return BY_EXTENSION[extension];
  const inner = BY_EXTENSION[extname(file.slice(0, -extension.length)).toLowerCase()];
  return inner?.format === 'csv' || inner?.format === 'json' ? inner : undefined;
}
