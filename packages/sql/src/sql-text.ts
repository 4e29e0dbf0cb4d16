import type { DataType, LiteralValue } from '@millrace/core';
import type { SourceColumn } from './source-column.ts';

/** A value that a statement binds; the connector turns it into its driver's form. */
export interface BoundParameter {
  /** In the form of core's literals; an array for a list that is bound as one value. */
  readonly value: LiteralValue | readonly LiteralValue[];
  /** Of the value, or of each value of the list. */
  readonly type: DataType;
  /** The column that the value is compared with, where there is one: its type at the source may decide the driver's form. */
  readonly column?: SourceColumn;
}

/** SQL text with placeholders, and the values for them in order. */
export interface SqlText {
  readonly sql: string;
  readonly parameters: readonly BoundParameter[];
}
