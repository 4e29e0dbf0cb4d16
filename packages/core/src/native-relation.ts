import type { RecordBatch } from './record-batch.ts';

/**
 * A table in a form that an engine can read by itself.
 *
 * - `sql`: a SELECT in the named engine's SQL. `paths` lists every file that it opens, absolute, so that the engine can
 *   allow just these. With `purpose: 'load'` it may be read by a statement that loads a table, and not by one whose result is streamed.
 * - `batches`: record batches that stay in memory and never change; the engine scans their buffers in place, on every query. With `scanSkips` a scan of
 *   the table leaves out what filters rule out, and its statistics say how many rows are left: an engine may ask for one where a statement has filters.
 * - `engine_table`: a table that already lives in an engine; usable only where `engine` is the very object that the caller owns.
 */
export type NativeRelation =
  | {
      readonly kind: 'sql';
      readonly engine: 'duckdb';
      readonly sql: string;
      readonly paths: readonly string[];
      /** Default: any statement. */
      readonly purpose?: 'load';
    }
  | {
      readonly kind: 'batches';
      readonly batches: readonly RecordBatch[];
      /** Default: false. */
      readonly scanSkips?: boolean;
    }
  | {
      readonly kind: 'engine_table';
      readonly engine: object;
      readonly catalog: string;
      readonly schemaName: string;
      readonly table: string;
    };
