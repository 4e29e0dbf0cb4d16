import type { ChangeLog } from './change-log.ts';
import type { Schema } from './data-type.ts';
import type { Expr } from './expression.ts';
import type { Json } from './json.ts';
import type { Mutation, MutationPlan } from './mutation.ts';
import type { NativeRelation } from './native-relation.ts';
import type { ExecutionPlan, ScanContext, ScanRequest } from './scan.ts';
import type { TableReference } from './table-reference.ts';
import type { WriteRequest, WriteSession } from './write.ts';

/**
 * A readable table. Its schema is fixed for the life of the object; what the table can do beyond being read is told by
 * which optional methods exist, never by a method that throws.
 *
 * Source of the shape: DataFusion's `TableProvider`, with the writes of Spark's Data Source V2.
 */
export interface TableProvider {
  /** At least one column; names unique. */
  readonly schema: Schema;
  readonly tableType: 'base' | 'view' | 'temporary' | 'stream';
  /** Identity of the engine behind the table; tables with equal ids may be joined over there. */
  readonly source?: SourceId;
  readonly constraints?: readonly Constraint[];
  /** Columns that exist beside the schema and are read by name (file path, row id …). */
  readonly metadataColumns?: Schema;
  /** Default of a column that a write leaves out. */
  readonly defaults?: Readonly<Record<string, Expr>>;
  readonly properties?: Readonly<Record<string, string>>;

  /** Plans a scan. May ask the source for metadata; reads no rows. */
  scan(request: ScanRequest, context: ScanContext): ExecutionPlan | Promise<ExecutionPlan>;

  /**
   * Offers the table in a form that an engine reads without record batches in between. An optimisation: what it returns must hold
   * exactly the rows and types that `scan` would return, and an engine that does not know the form calls `scan`.
   */
  nativeRelation?(context: ScanContext): NativeRelation | undefined | Promise<NativeRelation | undefined>;
  /** Starts a two-phase write; see {@link WriteSession}. */
  insertInto?(request: WriteRequest, context: ScanContext): Promise<WriteSession>;
  /** Plans a delete, update or truncate; undefined means that this one cannot be done exactly. */
  mutate?(mutation: Mutation, context: ScanContext): Promise<MutationPlan | undefined>;
  /** Opens the stream of changes. */
  changes?(context: ScanContext): ChangeLog | Promise<ChangeLog>;
  readonly partitionAdmin?: PartitionAdmin;
}

/**
 * Identity of a source engine: host, database, user and every session setting that changes results. Never just the
 * driver's name: two servers of one kind are two sources.
 */
export type SourceId = string;

/** A constraint as the source states it; `enforced: false` is a promise that nobody checks. */
export type Constraint =
  | { readonly kind: 'primary_key' | 'unique'; readonly columns: readonly string[]; readonly enforced: boolean }
  | {
      readonly kind: 'foreign_key';
      readonly columns: readonly string[];
      readonly references: { readonly table: TableReference; readonly columns: readonly string[] };
      readonly enforced: boolean;
    }
  | { readonly kind: 'check'; readonly expr: Expr; readonly enforced: boolean };

/** Lists and drops whole partitions of a table by their key values. */
export interface PartitionAdmin {
  list(match: Readonly<Record<string, Json>>, context: ScanContext): AsyncIterable<Readonly<Record<string, Json>>>;
  drop(partitions: readonly Readonly<Record<string, Json>>[], context: ScanContext): Promise<number>;
  add?(partitions: readonly Readonly<Record<string, Json>>[], context: ScanContext): Promise<void>;
}
