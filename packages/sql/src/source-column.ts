import type { Field } from '@millrace/core';

/** A column as the source has it and as the engine sees it. */
export interface SourceColumn {
  /** The name at the source, as written. */
  readonly name: string;
  /** Name, type and nullability that the engine sees. */
  readonly field: Field;
  /** The type at the source, in the source's words: `numeric`, `varchar(20)`. */
  readonly sourceType: string;
  /** The collation at the source, where it has one. */
  readonly collation?: string;
  /**
   * Writes the column in the select list where it must be converted to be read exactly (`"c"::text`). Default: the
   * quoted name. Filters use the plain column.
   */
  readonly readAs?: (quoted: string) => string;
  /**
   * Writes the column in filters and orders so that it is the engine's value, where the plain column is not (a date that is none and is
   * read as NULL). Whatever comparison with a value holds for it must hold for the plain column too: both are written, so that an
   * index narrows and the value decides. Default: the plain column.
   */
  readonly valueAs?: (quoted: string) => string;
  /** False where filters and orders on the column cannot mean the same (its type was turned into text, say). Default true. */
  readonly isComparable?: boolean;
}
