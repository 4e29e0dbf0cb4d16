import { createCsvReader } from './csv/create-csv-reader.ts';
import type { FileEngine } from './engine.ts';
import type { FormatChoice } from './file-format.ts';
import type { FileReader } from './file-reader.ts';
import { createJsonReader } from './json/create-json-reader.ts';
import { createParquetReader } from './parquet/create-parquet-reader.ts';
import type { ReadOptions } from './read-options.ts';

/** The reader of a format that DuckDB reads. */
export function createFileReader(
  { format, delimiter, jsonFormat }: FormatChoice & { readonly format: 'parquet' | 'csv' | 'json' },
  request: { readonly engine: FileEngine; readonly options: ReadOptions; readonly component: string },
): FileReader {
  const { engine, options, component } = request;
  const { compression } = options;
  switch (format) {
    case 'parquet':
      return createParquetReader({ engine, component });
    case 'csv': {
      const csv = { ...options.csv, delimiter: options.csv.delimiter ?? delimiter };
      return createCsvReader({ engine, options: csv, compression, component });
    }
    case 'json': {
      const { format: given } = options.json;
      const json = { ...options.json, format: given === 'auto' ? (jsonFormat ?? given) : given };
      return createJsonReader({ engine, options: json, compression, component });
    }
    default: {
      const unknown: never = format;
      throw new TypeError(`unknown format ${String(unknown)}`);
    }
  }
}
