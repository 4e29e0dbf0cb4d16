import { batchFromRows } from '@millrace/arrow';
import type { Schema } from '@millrace/core';
import type { Tabular } from './row-encoder.ts';

/** A short list as a result, so that it can be written in every format. */
export function listing(schema: Schema, rows: readonly Readonly<Record<string, unknown>>[]): Tabular {
  return { schema, batches: once(batchFromRows(schema, rows)) };
}

async function* once<T>(value: T): AsyncGenerator<T, void, undefined> {
  yield value;
}
