import { writeIpcStream } from '@millrace/arrow';
import type { RecordBatch } from '@millrace/core';
import type { OutputStream } from '../command-line-io.ts';
import { encodeCsv } from './csv-format.ts';
import { encodeJson, encodeNdjson } from './json-format.ts';
import type { Tabular } from './row-encoder.ts';
import { encodeTable } from './table-format.ts';
import { writeChunks } from './write-chunks.ts';

/** The forms in which rows can be written. */
export const RESULT_FORMATS = ['table', 'json', 'ndjson', 'csv', 'arrow'] as const;
export type ResultFormat = (typeof RESULT_FORMATS)[number];

/** Of a terminal that does not tell its width, or says 0. */
const DEFAULT_WIDTH = 80;

/** A table for people, one object a line for programs. */
export function defaultFormat(output: OutputStream): ResultFormat {
  return output.isTTY === true ? 'table' : 'ndjson';
}

/**
 * Writes all rows of a result, as they arrive, and tells how many there were.
 * @throws OutputClosed when nobody reads the output any more; whatever the result throws.
 */
export async function writeResult(request: {
  readonly result: Tabular;
  readonly format: ResultFormat;
  readonly output: OutputStream;
}): Promise<{ readonly rowCount: number }> {
  const { result, format, output } = request;
  const counter = { rowCount: 0 };
  const counted = { schema: result.schema, batches: countRows(result.batches, counter) };
  await writeChunks(output, encode(counted, format, output));
  return counter;
}

function encode(
  result: Tabular,
  format: ResultFormat,
  { isTTY, columns }: OutputStream,
): AsyncIterable<string | Uint8Array> {
  switch (format) {
    case 'table':
      return encodeTable(result, isTTY === true ? columns || DEFAULT_WIDTH : undefined);
    case 'json':
      return encodeJson(result);
    case 'ndjson':
      return encodeNdjson(result);
    case 'csv':
      return encodeCsv(result);
    case 'arrow':
      return writeIpcStream(result.schema, result.batches);
    default:
      return format satisfies never;
  }
}

async function* countRows(
  batches: AsyncIterable<RecordBatch>,
  counter: { rowCount: number },
): AsyncGenerator<RecordBatch, void, undefined> {
  for await (const batch of batches) {
    counter.rowCount += batch.numRows;
    yield batch;
  }
}
