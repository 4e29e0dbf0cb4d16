import { type Field, TypeId } from '@millrace/core';
import { quoteIdentifier } from '@millrace/duckdb';

/** A relation whose columns compare as the engine's do. */
export interface RelationRequest {
  /** What stands behind FROM. */
  readonly from: string;
  readonly fields: readonly Field[];
  /** Whether the columns are all of the table's, in order. */
  readonly isWhole: boolean;
  readonly mayCollate: boolean;
  /** Cuts out a part of the rows. */
  readonly where?: string;
}

/**
 * A SELECT of the table's columns, without the collations that their comparisons would follow: `COLLATE C` leaves the bytes. DuckDB states
 * the collation of a column nowhere, so that in a file in which there is any, every text is taken to have one.
 */
export function relationSql({ from, fields, isWhole, mayCollate, where }: RelationRequest): string {
  const condition = where === undefined ? '' : ` WHERE ${where}`;
  const needsCollate = mayCollate && fields.some(isText);
  if (isWhole && !needsCollate) return `SELECT * FROM ${from}${condition}`;
  const list = fields.map((field) => {
    const name = quoteIdentifier(field.name);
    return needsCollate && isText(field) ? `${name} COLLATE C AS ${name}` : name;
  });
  return `SELECT ${list.join(', ')} FROM ${from}${condition}`;
}

/** JSON, UUID and the like are texts for Arrow alone. */
function isText({ type, metadata }: Field): boolean {
  return type.typeId === TypeId.Utf8 && metadata?.get('ARROW:extension:name') === undefined;
}
