import type { RecordBatch, Schema } from '@millrace/core';
import type { EngineTable, InspectedView } from '../query/engine-table.ts';
import type { Resolution } from '../query/table-registry.ts';

/** What a result was computed from: the tables and views as they were registered then, and the version of each table's rows. */
export interface ResultSource extends Resolution {
  readonly tables: readonly EngineTable[];
  readonly views: readonly InspectedView[];
  /** By position of the table. */
  readonly generations: readonly number[];
  /** By position of the table; undefined for those whose changes are announced. */
  readonly versions: readonly (string | undefined)[];
}

/** A whole result, in buffers that nobody else has. */
export interface CachedResult {
  readonly schema: Schema;
  readonly batches: readonly RecordBatch[];
  readonly rowCount: number;
  readonly byteCount: number;
  readonly source: ResultSource;
  /** When the query began that it is the result of, in milliseconds of the cache's clock. */
  readonly startedAtMs: number;
}

/** Whether two statements were resolved to the same tables and views, in the same versions. */
export function isSameSource(left: ResultSource, right: ResultSource): boolean {
  return (
    haveSameItems(left.tables, right.tables) &&
    haveSameItems(left.views, right.views) &&
    haveSameItems(left.generations, right.generations) &&
    haveSameItems(left.versions, right.versions)
  );
}

function haveSameItems<T>(left: readonly T[], right: readonly T[]): boolean {
  return left.length === right.length && left.every((item, index) => item === right[index]);
}
