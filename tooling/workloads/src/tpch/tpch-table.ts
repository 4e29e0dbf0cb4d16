import type { RecordBatch, Schema } from '@millrace/core';
import type { Scale } from './scale.ts';
import type { TextPool } from './text-pool.ts';
import type { TpchTableName } from './tpch-schemas.ts';

/** One table that can be generated any number of times, always with the same rows in the same order. */
export interface TpchTable {
  readonly name: TpchTableName;
  readonly schema: Schema;
  /** Generates the rows batch by batch as they are pulled; a batch holds at most about 120,000. */
  batches(): Iterable<RecordBatch>;
}

/** What the rows of all tables depend on. */
export interface TpchSource {
  readonly seed: number;
  readonly scale: Scale;
  readonly pool: TextPool;
}

/** Rows `start` to `end` (exclusive) of a table, counted from 0. */
export interface RowRange {
  readonly start: number;
  readonly end: number;
}

/** Cuts `rowCount` rows into ranges of at most `size`. */
export function* rowRanges(rowCount: number, size: number): Generator<RowRange> {
  for (let start = 0; start < rowCount; start += size) yield { start, end: Math.min(rowCount, start + size) };
}
