import type { CreateTableCommand, Schema } from '@millrace/core';
import type { DuckDbConnection } from '@millrace/duckdb';
import type { TableNames } from './table-names.ts';

/** Where the rows of a refresh are loaded to, and how they become the table's. */
export interface LoadTarget {
  /** The table that takes the rows, quoted. */
  readonly table: string;
  /** Its last column where it matters which row was written first; the rows are numbered in it. */
  readonly ordinal: string | undefined;
  /** Makes the table anew, whatever an earlier load has left. */
  prepare(): Promise<void>;
  /**
   * Makes one version of the rows that were loaded and of those that stay, in a transaction of the connection that is then open.
   *
   * @throws MillraceError `integrity` for rows that break a key or a unique index.
   */
  settle(loadedCount: bigint): Promise<SettledVersion>;
}

/** What the rows of a table are about to be. */
export interface SettledVersion {
  readonly version: number;
  /** Rows of the table. */
  readonly rowCount: bigint;
  /** Rows of them that this refresh has written; of changes, how many there were. */
  readonly writtenCount: bigint;
}

/** What a target works with. */
export interface LoadTargetParts {
  readonly connection: DuckDbConnection;
  readonly command: CreateTableCommand;
  readonly names: TableNames;
  /** The columns of the table. */
  readonly schema: Schema;
  /** Keys in SQL by which loaded rows are ordered; none keeps them as they come. */
  readonly clusterOrder: readonly string[];
  /** Number of the version that is there. */
  readonly current: number;
  readonly signal: AbortSignal;
}
