import type { BuildValue } from '@millrace/arrow';
import type { ConnectorPlugin, ErrorCode, Field, Schema, TableReference } from '@millrace/core';

/** What is under test: a plugin, parameters that open one source of its kind, and a way around the plugin into that source. */
export interface ConnectorSubject {
  readonly plugin: ConnectorPlugin;
  /** By the names that users write, prefix included. They are given to the connector and to every dataset. */
  readonly parameters: Readonly<Record<string, string>>;
  /** The folder from which relative paths count; default the working folder. */
  readonly baseDirectory?: string;
  readonly source: SourceAdmin;
  readonly faults?: SourceFaults;
  /** Ends the source, after every connector was closed. */
  close(): Promise<void>;
}

/**
 * Acts on the source itself, never through the plugin. What is optional and missing makes the checks that need it skip, with that as
 * their reason.
 */
export interface SourceAdmin {
  /**
   * The field that the plugin presents for a column made from `field`: the documented type mapping, there and back. Undefined where the
   * source has no type for it.
   */
  present(field: Field): Field | undefined;
  /** False for a value that the column made from `field` cannot hold (NaN, a NUL character, a date out of range). Default: true. */
  holds?(field: Field, value: BuildValue): boolean;
  /** Creates a table with rows, replacing one of that name, or says why the source refuses it. */
  createTable(table: SourceTable): Promise<TableLocation | SourceRefusal>;
  /** A table that was never created, written as users would: for errors of missing tables. */
  missingTable(name: string): TableLocation;

  /** Adds rows to a table. */
  appendRows?(table: TableLocation, rows: readonly (readonly BuildValue[])[]): Promise<void>;
  addColumn?(table: TableLocation, field: Field): Promise<void>;
  dropColumn?(table: TableLocation, column: string): Promise<void>;
  /** Whether the primary keys of {@link createTable} become constraints that the plugin reports. Default: no. */
  readonly reportsPrimaryKeys?: boolean;
  /** Other things that can be read like tables: `view`, `materialized_view`, `partitioned_table`. */
  readonly relationKinds?: readonly string[];
  /** Creates a relation of that kind with the rows of a table. */
  createRelation?(request: {
    readonly kind: string;
    readonly name: string;
    readonly of: TableLocation;
  }): Promise<TableLocation>;
  /** Words that need quoting at the source, beyond those of SQL. */
  readonly reservedWords?: readonly string[];
  /** Longest identifier of the source, in bytes of UTF-8. */
  readonly maxIdentifierBytes?: number;
  /** Most columns of a table; default 300. */
  readonly maxColumns?: number;
  /** Creates a table whose columns and values are given in the source's own words. */
  createNativeTable?(table: NativeTable): Promise<TableLocation>;
  readonly nativeCases?: readonly NativeCase[];
  /** A type that the plugin does not map, and a value of it, both in the source's own words. */
  readonly unsupportedType?: { readonly declaration: string; readonly literal: string };

  /** Every statement that the source received from the plugin so far, oldest first, from its own log; none of this object's. */
  statements?(): Promise<readonly string[]>;
  /** Whether a statement reads rows of the table, and not what the source knows about it. Default: by the table's name. */
  readsRows?(statement: string, table: TableLocation): boolean;
  /** How many statements of the plugin run at the source just now. */
  activeStatements?(): Promise<number>;
  /** How many connections of the plugin the source holds just now, idle ones included. */
  connectionCount?(): Promise<number>;
  /** Ends every connection of the plugin from the source's side. */
  breakConnections?(): Promise<void>;
  /**
   * Why the memory of this process does not tell what a scan reads ahead: the source runs in it, with caches of its own. The check of
   * slow consumers skips with this reason.
   */
  readonly cachesInProcess?: string;
  /** Damages the stored data of a table, as a torn file is. */
  corrupt?(table: TableLocation): Promise<void>;
}

/** A table to create. */
export interface SourceTable {
  readonly name: string;
  /** Only fields that the source can present. */
  readonly schema: Schema;
  /** In the order of the schema; only values that the source holds. */
  readonly rows: readonly (readonly BuildValue[])[];
  readonly primaryKey?: readonly string[];
  /** Into how many parts a source that stores its tables in parts splits the rows. Default 1. */
  readonly partitionCount?: number;
}

/** Where a table is, as a dataset names it. */
export interface TableLocation {
  /** The name as it was created. */
  readonly name: string;
  /** What stands behind `connector:` in `from`. */
  readonly path: string;
  /** Further parameters of the dataset. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** The table in the plugin's catalog, where it has one. */
  readonly reference?: TableReference;
}

/** Why a source does not take something, in words. */
export interface SourceRefusal {
  readonly refused: string;
}

/** A table in the source's own words. */
export interface NativeTable {
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly declaration: string }[];
  /** Literals. */
  readonly rows: readonly (readonly string[])[];
}

/** A type that only this source has (or has in its own way), what the plugin makes of it, and of its values. */
export interface NativeCase {
  /**
   * The check that it belongs to: 53 char, 55 boolean, 56 date, 57 time, 58 timestamp, 59 timestamp with zone, 60 anything else, 63 values
   * against the declared type.
   */
  readonly check: 53 | 55 | 56 | 57 | 58 | 59 | 60 | 63;
  readonly declaration: string;
  /** One for each row. */
  readonly literals: readonly string[];
  /** Further parameters of the dataset: the policy under test. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** What has to come back: a column, or an error with this code. */
  readonly expected:
    | { readonly field: Omit<Field, 'name'>; readonly values: readonly BuildValue[] }
    | { readonly code: ErrorCode };
}

/** Situations that the source can be brought into. */
export interface SourceFaults {
  /** Changed parameters with which connecting fails, by what is wrong. */
  readonly wrongPassword?: Readonly<Record<string, string>>;
  readonly unreachable?: Readonly<Record<string, string>>;
  /** A table that the plugin's user may not read. */
  readonly forbiddenTable?: TableLocation;
  /** Parameters with a statement timeout, and a relation that takes longer than it. */
  readonly timeout?: { readonly parameters: Readonly<Record<string, string>>; readonly slow: TableLocation };
  /** A relation that fails after thousands of rows, and the code expected. */
  readonly failsMidway?: { readonly table: TableLocation; readonly code: ErrorCode };
}
