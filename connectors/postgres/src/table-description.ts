import type { Constraint, TableReference } from '@millrace/core';

/** A type as pg_type has it, with what is needed to read its values. */
export interface PostgresType {
  readonly oid: number;
  readonly name: string;
  readonly schema: string;
  /** `b` base, `c` composite, `d` domain, `e` enum, `m` multirange, `p` pseudo, `r` range. */
  readonly kind: string;
  /** `A` for arrays. */
  readonly category: string;
  /** Of an array's items; 0 otherwise. */
  readonly element: number;
  /** Of a domain; 0 otherwise. */
  readonly base: number;
  /** Modifier that a domain gives its base type. */
  readonly baseModifier: number;
  /** Dimensions of a domain over an array. */
  readonly dimensions: number;
  /** Of an enum, in the order of their declaration. */
  readonly labels: readonly string[];
  /** Of a composite, in order. */
  readonly members: readonly {
    readonly name: string;
    readonly type: number;
    readonly modifier: number;
    readonly dimensions: number;
  }[];
}

/** How a collation compares. */
export interface PostgresCollation {
  readonly name: string;
  /** `b` builtin, `c` C library, `i` ICU. */
  readonly provider: string;
  readonly locale: string | null;
  readonly isDeterministic: boolean;
}

/** A column as pg_attribute has it. */
export interface PostgresColumn {
  readonly name: string;
  readonly type: number;
  /** For example the length of a char(n); -1 for none. */
  readonly modifier: number;
  /** Declared dimensions of an array; 0 where it was not declared as one (in views, say). */
  readonly dimensions: number;
  /** In the server's words: `numeric(10,2)`. */
  readonly typeText: string;
  readonly isNotNull: boolean;
  readonly collation: PostgresCollation | null;
  /** The text of a default; null for none and for generated columns. */
  readonly default: string | null;
  readonly comment: string | null;
}

/** A table, view or the like as the server's catalog describes it. */
export interface PostgresTable {
  readonly oid: number;
  readonly reference: TableReference;
  /** relkind: `r` table, `p` partitioned, `v` view, `m` materialized view, `f` foreign table. */
  readonly kind: string;
  readonly comment: string | null;
  readonly isReadable: boolean;
  readonly columns: readonly PostgresColumn[];
  readonly constraints: readonly Constraint[];
  readonly types: ReadonlyMap<number, PostgresType>;
  /** Encoding of the database, `UTF8` nearly always. */
  readonly encoding: string;
}
