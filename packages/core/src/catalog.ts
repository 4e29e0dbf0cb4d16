import type { DataType, Schema } from './data-type.ts';
import type { Expr } from './expression.ts';
import type { ScanContext, TableVersion } from './scan.ts';
import type { Constraint, TableProvider } from './table-provider.ts';
import type { TableReference } from './table-reference.ts';

/**
 * The tables of a source, under namespaces of any depth. Listing is paged by iteration; identifiers are passed as written.
 *
 * Source: Spark's `TableCatalog` / `StagingTableCatalog`, DataFusion's `CatalogProvider`.
 */
export interface Catalog extends AsyncDisposable {
  /** Lists the namespaces directly below `parent`; `[]` is the root. */
  namespaces(parent: readonly string[], context: ScanContext): AsyncIterable<readonly string[]>;
  /** Lists the tables of one namespace, without what lies below it. */
  tables(namespace: readonly string[], context: ScanContext): AsyncIterable<TableListing>;
  /** Loads a table; undefined when there is none of that name, an error when it may not be seen. */
  table(reference: TableReference, context: ScanContext, at?: TableVersion): Promise<TableProvider | undefined>;
  /** Forgets what is cached, without asking the source. */
  invalidate?(reference?: TableReference): void;
  create?(definition: TableDefinition, context: ScanContext): Promise<TableProvider>;
  /** Prepares a table that becomes visible with `commit`; a replaced one stays until then. */
  stage?(
    definition: TableDefinition,
    mode: 'create' | 'replace' | 'create_or_replace',
    context: ScanContext,
  ): Promise<StagedTable>;
  /** Applies the changes in order, all or none. */
  alter?(reference: TableReference, changes: readonly TableChange[], context: ScanContext): Promise<TableProvider>;
  rename?(from: TableReference, to: TableReference, context: ScanContext): Promise<void>;
  /** Drops a table, never a view; false when there was none. */
  drop?(reference: TableReference, context: ScanContext): Promise<boolean>;
}

/** One entry of a listing. */
export interface TableListing {
  readonly reference: TableReference;
  readonly tableType: TableProvider['tableType'];
}

/** What a new table shall be. */
export interface TableDefinition {
  readonly reference: TableReference;
  readonly schema: Schema;
  readonly constraints?: readonly Constraint[];
  readonly partitionBy?: readonly Expr[];
  readonly defaults?: Readonly<Record<string, Expr>>;
  readonly properties?: Readonly<Record<string, string>>;
}

/** A table that nobody else sees yet. Disposing without a commit aborts. */
export interface StagedTable extends AsyncDisposable {
  readonly table: TableProvider;
  commit(): Promise<void>;
  abort(): Promise<void>;
}

/** Where a column goes. */
export type ColumnPosition = 'first' | 'last' | { readonly after: string };

/** One change of a table's definition; the kinds are Spark's `TableChange`. */
export type TableChange =
  | {
      readonly kind: 'add_column';
      readonly path: readonly string[];
      readonly type: DataType;
      readonly nullable: boolean;
      readonly default?: Expr;
      readonly comment?: string;
      readonly position?: ColumnPosition;
    }
  | { readonly kind: 'drop_column'; readonly path: readonly string[]; readonly ifExists: boolean }
  | { readonly kind: 'rename_column'; readonly path: readonly string[]; readonly to: string }
  | { readonly kind: 'set_type'; readonly path: readonly string[]; readonly type: DataType }
  | { readonly kind: 'set_nullable'; readonly path: readonly string[]; readonly nullable: boolean }
  | { readonly kind: 'set_default'; readonly path: readonly string[]; readonly expr?: Expr }
  | { readonly kind: 'set_comment'; readonly path: readonly string[]; readonly comment?: string }
  | { readonly kind: 'move_column'; readonly path: readonly string[]; readonly position: ColumnPosition }
  | { readonly kind: 'set_property'; readonly key: string; readonly value?: string }
  | { readonly kind: 'add_constraint'; readonly constraint: Constraint }
  | { readonly kind: 'drop_constraint'; readonly name: string; readonly ifExists: boolean };
