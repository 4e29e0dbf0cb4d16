import type { Schema } from '@millrace/core';
import type { FileVersion } from './file-version.ts';
import type { ReadShape } from './table-function.ts';

/**
 * Knows how the files of one format are read by DuckDB. What it finds out about a file it remembers until the file changes.
 */
export interface FileReader {
  /**
   * The schema that fits every one of the files.
   * @throws MillraceError `schema_inference`, `schema_mismatch` naming file and column, `invalid_data`.
   */
  inferSchema(files: readonly FileVersion[], signal: AbortSignal): Promise<Schema>;
  /**
   * How each file is read so that the columns of a fixed schema come out, in the order of the files.
   * @throws MillraceError `schema_mismatch` when a file does not hold them, or holds what would be changed by reading it so.
   */
  shapes(files: readonly FileVersion[], fixed: FixedSchema, signal: AbortSignal): Promise<readonly ReadShape[]>;
}

/** A schema that reads have to keep, and whether the user declared it or it was found in the files. */
export interface FixedSchema {
  /** Columns of hive partitions apart. */
  readonly schema: Schema;
  readonly origin: 'declared' | 'inferred';
}
