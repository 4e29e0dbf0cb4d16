import type { LiteralLike } from '@millrace/arrow';
import type { DataType } from '@millrace/core';
import { quoteIdentifier } from '@millrace/duckdb';
import type { ColumnValues, TableData } from './table-data.ts';
import type { ValueKind } from './value-kind.ts';

/** One column that an expression can use. */
export interface QueryColumn {
  /** Its name in the relation. */
  readonly name: string;
  /** How it is written in SQL, quoted and behind the relation's alias. */
  readonly ref: string;
  readonly type: DataType;
  readonly kind: ValueKind;
  /** The value in the witness, the row that predicates are made to keep or to drop. */
  readonly value: LiteralLike;
  readonly samples: readonly LiteralLike[];
  readonly isUnique: boolean;
}

/** One entry of FROM. */
export interface Relation {
  readonly alias: string;
  /** The entry with its alias. */
  readonly from: string;
  readonly columns: readonly QueryColumn[];
}

/** A table under an alias, with one of its rows as witness. */
export function tableRelation(table: TableData, alias: string, witness: number): Relation {
  return {
    alias,
    from: `${quoteIdentifier(table.name)} AS ${alias}`,
    columns: table.columns.map((column) => toQueryColumn(column, alias, witness)),
  };
}

/** The same columns under the alias of a derived table or common table expression that hands them on. */
export function derivedRelation(alias: string, from: string, columns: readonly QueryColumn[]): Relation {
  return {
    alias,
    from,
    columns: columns.map((column) => ({ ...column, ref: `${alias}.${quoteIdentifier(column.name)}` })),
  };
}

/** Columns that tell rows apart: one that is unique, or all, with which rows are interchangeable where they tie. */
export function keyColumns({ columns }: Relation): readonly QueryColumn[] {
  const unique = columns.find(({ isUnique }) => isUnique);
  return unique === undefined ? columns : [unique];
}

function toQueryColumn(column: ColumnValues, alias: string, witness: number): QueryColumn {
  const { name, type, kind, samples, isUnique, values } = column;
  return {
    name,
    ref: `${alias}.${quoteIdentifier(name)}`,
    type,
    kind,
    samples,
    isUnique,
    value: values[witness] ?? null,
  };
}
