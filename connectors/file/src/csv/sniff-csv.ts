import { MillraceError } from '@millrace/core';
import type { DuckDbConnection } from '@millrace/duckdb';
import type { FileVersion } from '../file-version.ts';
import type { CsvOptions } from '../read-options.ts';
import { callSql, fileText, sqlText, sqlTypes } from '../table-function.ts';
import { textField } from './text-field.ts';

/** What DuckDB found out about a CSV file. */
export interface CsvLayout {
  /** Options of `read_csv` that say how the text is cut into rows and fields. */
  readonly dialect: Readonly<Record<string, string>>;
  /** In the order of the file; repeated names are numbered. */
  readonly columns: readonly CsvColumn[];
}

export interface CsvColumn {
  readonly name: string;
  /** Type of DuckDB that every value has. A column without any value is VARCHAR. */
  readonly type: string;
}

/** Rows from which the dialect of a large file is found out; types come from all rows all the same. */
const DIALECT_SAMPLE_ROWS = 20_480;
/** Files up to this size are looked at once, whole. */
const SMALL_FILE_BYTES = 1 << 20;

/** What is needed to look at a CSV file. */
export interface SniffRequest {
  readonly connection: DuckDbConnection;
  readonly file: FileVersion;
  readonly options: CsvOptions;
  readonly compression: string;
  readonly component: string;
}

/**
 * Finds out dialect, columns and types of one CSV file as `read_csv` does with `sample_size = -1`: types hold for every row.
 * In a larger file the dialect comes from its first rows, as telling dialects apart is what costs most.
 *
 * @throws MillraceError with DuckDB's own text of the first row with another number of fields; `schema_inference` when rows differ and
 * none can be named.
 */
export async function sniffCsv(request: SniffRequest): Promise<CsvLayout> {
  const { file, options } = request;
  const given = givenOptions(request);
  const whole = options.sampleRowCount === -1;
  const isSmall = file.byteCount <= SMALL_FILE_BYTES;
  const sampleRowCount = whole ? (isSmall ? -1 : DIALECT_SAMPLE_ROWS) : options.sampleRowCount;
  const first = await sniffStart(request, sampleRowCount);
  const found = !whole || isSmall ? first : await sniffWhole(request, first);
  const layout: CsvLayout = { dialect: { ...dialectOf(found), ...withoutDialect(given) }, columns: found.columns };
  if (layout.columns.length === 1 && options.delimiter === undefined) await checkSingleColumn(request, layout);
  return layout;
}

/** Types from every row, with the dialect of the first ones. A row that does not fit the dialect is named. */
async function sniffWhole(request: SniffRequest, first: Sniffed): Promise<Sniffed> {
  try {
    return await sniff(request, { ...givenOptions(request), ...certainDialect(first), sample_size: '-1' });
  } catch (error) {
    await readAsText(request, first);
    throw error;
  }
}

/** The first sniff, of which the failure names a row. */
async function sniffStart(request: SniffRequest, sampleRowCount: number): Promise<Sniffed> {
  const given = givenOptions(request);
  try {
    return await sniff(request, { ...given, sample_size: String(sampleRowCount) });
  } catch (error) {
    await nameRaggedRow(request, given);
    throw error;
  }
}

/** Finds the columns that most rows have, and fails with the first row that has another number; does nothing without columns. */
async function nameRaggedRow(request: SniffRequest, options: Readonly<Record<string, string>>): Promise<void> {
  const usual = await sniff(request, { ...options, ignore_errors: 'true' }).catch(() => undefined);
  if (usual) await readAsText(request, usual);
}

/** Reads the whole file without types, which fails with the line of the first row that has another number of fields. */
async function readAsText(request: SniffRequest, found: Sniffed): Promise<void> {
  const columns = sqlTypes(found.columns.map(({ name }) => textField(name)));
  const { dateformat: _, timestampformat: __, ...dialect } = dialectOf(found);
  const options = { ...dialect, ...withoutDialect(givenOptions(request)), columns };
  const call = callSql({ function: 'read_csv', options }, [request.file.path]);
  await request.connection.rows(`SELECT count(COLUMNS(*)) FROM ${call}`);
}

interface Sniffed {
  readonly delimiter: string;
  readonly quote: string;
  readonly escape: string;
  readonly newLine: string;
  readonly comment: string;
  readonly skip: number;
  readonly hasHeader: boolean;
  readonly columns: readonly CsvColumn[];
  readonly dateFormat: string | null;
  readonly timestampFormat: string | null;
}

const SNIFF_COLUMNS =
  'Delimiter, Quote, Escape, NewLineDelimiter, Comment, SkipRows, HasHeader, Columns, DateFormat, TimestampFormat';

async function sniff(request: SniffRequest, options: Readonly<Record<string, string>>): Promise<Sniffed> {
  const list = Object.entries(options).map(([name, value]) => `, ${name} = ${value}`);
  const path = fileText(request.file.path);
  const [row] = await request.connection.rows(`SELECT ${SNIFF_COLUMNS} FROM sniff_csv(${path}${list.join('')})`);
  const [delimiter, quote, escapeText, newLine, comment, skip, hasHeader, columns, dateFormat, timestampFormat] =
    row ?? [];
  return {
    delimiter: sniffedText(delimiter),
    quote: sniffedText(quote),
    escape: sniffedText(escapeText),
    newLine: sniffedText(newLine),
    comment: sniffedText(comment),
    skip: Number(skip),
    hasHeader: hasHeader === true,
    columns: columns as unknown as readonly CsvColumn[],
    dateFormat: typeof dateFormat === 'string' ? dateFormat : null,
    timestampFormat: typeof timestampFormat === 'string' ? timestampFormat : null,
  };
}

/** The sniffer writes "(empty)" for none. */
function sniffedText(value: unknown): string {
  return typeof value === 'string' && value !== '(empty)' ? value : '';
}

function dialectOf(found: Sniffed): Record<string, string> {
  return {
    auto_detect: 'false',
    delim: sqlText(found.delimiter),
    quote: sqlText(found.quote),
    escape: sqlText(found.escape),
    ...(found.newLine === '' ? {} : { new_line: sqlText(found.newLine) }),
    comment: sqlText(found.comment),
    skip: String(found.skip),
    header: String(found.hasHeader),
    ...(found.dateFormat === null ? {} : { dateformat: sqlText(found.dateFormat) }),
    ...(found.timestampFormat === null ? {} : { timestampformat: sqlText(found.timestampFormat) }),
  };
}

/** What the first rows settle. A quote or comment that they lack may still come later. */
function certainDialect(found: Sniffed): Record<string, string> {
  return {
    delim: sqlText(found.delimiter),
    ...(found.quote === '' ? {} : { quote: sqlText(found.quote) }),
    ...(found.escape === '' ? {} : { escape: sqlText(found.escape) }),
    ...(found.newLine === '' ? {} : { new_line: sqlText(found.newLine) }),
    ...(found.comment === '' ? {} : { comment: sqlText(found.comment) }),
    skip: String(found.skip),
    header: String(found.hasHeader),
  };
}

/** What the user set, as options of the sniffer and the reader alike. */
function givenOptions({ options, compression }: SniffRequest): Record<string, string> {
  const texts: Readonly<Record<string, string | undefined>> = {
    delim: options.delimiter,
    quote: options.quote,
    escape: options.escape,
    comment: options.comment,
    nullstr: options.nullValue,
    dateformat: options.dateFormat,
    timestampformat: options.timestampFormat,
    encoding: options.encoding === 'utf-8' ? undefined : options.encoding,
    decimal_separator: options.decimalSeparator === '.' ? undefined : options.decimalSeparator,
    compression: compression === 'auto' ? undefined : compression,
  };
  const { maximumLineBytes } = options;
  const given = Object.entries(texts).flatMap(([name, text]) => (text === undefined ? [] : [[name, sqlText(text)]]));
  return {
    ...(Object.fromEntries(given) as Record<string, string>),
    ...(options.hasHeader === undefined ? {} : { header: String(options.hasHeader) }),
    ...(options.skipLineCount === undefined ? {} : { skip: String(options.skipLineCount) }),
    ...(options.nullPadding ? { null_padding: 'true' } : {}),
    ...(maximumLineBytes === undefined ? {} : { max_line_size: String(maximumLineBytes) }),
  };
}

/** The given options that the sniffer does not report back. */
function withoutDialect(given: Readonly<Record<string, string>>): Record<string, string> {
  const reported = new Set(['delim', 'quote', 'escape', 'comment', 'skip', 'header']);
  return Object.fromEntries(Object.entries(given).filter(([name]) => !reported.has(name)));
}

/**
 * DuckDB reads rows with different numbers of fields as a single column, cut by a delimiter that no row has. That is never
 * what was meant, so a first row that holds a usual delimiter is an error.
 */
async function checkSingleColumn(request: SniffRequest, { dialect }: CsvLayout): Promise<void> {
  const { header: _, dateformat: __, timestampformat: ___, ...rest } = dialect;
  const options = { ...rest, header: 'false', columns: `{'line': 'VARCHAR'}` };
  const call = callSql({ function: 'read_csv', options }, [request.file.path]);
  const [row] = await request.connection.rows(`SELECT line FROM ${call} LIMIT 1`);
  const delimiter = typeof row?.[0] === 'string' ? /[,;\t|]/.exec(row[0])?.[0] : undefined;
  if (delimiter === undefined) return;
  await nameRaggedRow(request, { ...givenOptions(request), delim: sqlText(delimiter) });
  throw new MillraceError({
    code: 'schema_inference',
    component: request.component,
    connector: 'file',
    message: `the rows of ${request.file.path} have different numbers of fields, whatever the delimiter`,
    hint: 'Set csv_delimiter, with csv_null_padding: true where rows may be short',
  });
}
