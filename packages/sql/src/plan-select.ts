import type { Applied, ScanRequest, Schema, SortKey } from '@millrace/core';
import type { Dialect } from './dialect.ts';
import type { SemanticsProfile } from './semantics-profile.ts';
import type { SourceColumn } from './source-column.ts';
import type { SqlText } from './sql-text.ts';

/** A table of a SQL source and how to talk about it. */
export interface SqlTable {
  readonly dialect: Dialect;
  readonly profile: SemanticsProfile;
  /** What stands behind FROM, quoted: `"public"."orders"`. */
  readonly from: string;
  /** In the order of the table's schema. */
  readonly columns: readonly SourceColumn[];
  /** For messages: `dataset orders`. */
  readonly component: string;
}

/** How a scan request is answered by one SELECT (or one for each partition). */
export interface PlannedSelect {
  readonly schema: Schema;
  readonly applied: Applied;
  /** The columns that are read, in the order of `schema`. */
  readonly columns: readonly SourceColumn[];
  readonly ordering?: readonly SortKey[];
  /** True where order, offset or limit make one partition necessary. */
  readonly needsOnePartition: boolean;
  /**
   * The statement; `where` is a further condition that cuts out a partition (a ctid or key range), joined by AND.
   * Parameters of the condition come last.
   */
  statement(where?: SqlText): SqlText;
}

/** Plans a scan as SQL: what can be said exactly is pushed, what can only be said more widely is claimed `inexact`. */
export type PlanSelect = (table: SqlTable, request: ScanRequest) => PlannedSelect;
