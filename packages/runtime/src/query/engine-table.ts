import type { Schema, TableProvider } from '@millrace/core';
import type { RowLimits, TableName } from '@millrace/duckdb';
import type { TableOrigin } from '../observability/scan-watch.ts';

/** A table that the engine can query: a dataset, whatever serves it at the moment. */
export interface EngineTable {
  readonly name: TableName;
  /** The name for people where it is another one: a catalog's table, `pg.public.orders`. */
  readonly label?: string;
  readonly description?: string;
  /** What its scans are counted as; absent for tables that the runtime reads for purposes of its own. */
  readonly origin?: TableOrigin;
  readonly schema: Schema;
  /**
   * What serves the table now; asked once for each query.
   * @throws MillraceError `not_ready` and the like when nothing can.
   */
  provider(): TableProvider | Promise<TableProvider>;
  /**
   * The version of its rows where others than this process change them: another text after every change. Absent where changes are announced, and
   * where nobody knows of them.
   */
  version?(signal: AbortSignal): Promise<string | undefined>;
  /** Settles once a change of its columns that is under way is known under its name; absent where they never change. */
  settled?(): Promise<void>;
}

/** A named query over tables and other views. */
export interface EngineView {
  readonly name: TableName;
  readonly description?: string;
  readonly sql: string;
}

/** A view whose SQL was checked. What is said of it is of its own SQL; the views that it uses have theirs. */
export interface InspectedView extends EngineView {
  readonly limits: RowLimits;
  readonly hasJoin: boolean;
  readonly isVolatile: boolean;
}

/**
 * The form under which names are compared: SQL identifiers are case-insensitive in the engine, and no schema means `main`.
 */
export function tableKey(name: TableName): string {
  return JSON.stringify([(name.schemaName ?? 'main').toLowerCase(), name.table.toLowerCase()]);
}

/** A table's name as a user would write it, for messages. */
export function formatTableName(name: TableName): string {
  return name.schemaName === undefined || name.schemaName === 'main'
    ? formatNames([name.table])
    : formatNames([name.schemaName, name.table]);
}

/** Names with points between them, in quotes where SQL needs them. */
export function formatNames(names: readonly string[]): string {
  return names.map((name) => (/^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`)).join('.');
}
