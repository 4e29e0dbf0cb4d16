import { createLiteralReader, type LiteralLike } from '@millrace/arrow';
import type { DataType } from '@millrace/core';
import type { SampleTable } from './sample-tables.ts';
import { compareValues, kindOf, type ValueKind } from './value-kind.ts';

/** A table as the query generator sees it: every value by column. */
export interface TableData {
  readonly name: string;
  readonly rowCount: number;
  readonly columns: readonly ColumnValues[];
}

/** One column with its values by row. */
export interface ColumnValues {
  readonly name: string;
  readonly type: DataType;
  readonly kind: ValueKind;
  readonly values: readonly LiteralLike[];
  /** The different values, nulls apart, in the engine's order. */
  readonly samples: readonly LiteralLike[];
  /** Whether a value names its row. */
  readonly isUnique: boolean;
}

/** Reads the rows of a table. */
export function readTable({ name, schema, batches }: SampleTable): TableData {
  const columns = schema.fields.map((field, ordinal): ColumnValues => {
    const values = batches.flatMap((batch) => {
      const column = batch.data.children[ordinal];
      if (column === undefined) throw new TypeError(`a batch of ${name} lacks column ${field.name}`);
      const read = createLiteralReader(column);
      return Array.from({ length: batch.numRows }, (_, row) => read(row));
    });
    const samples = differentValues(values);
    return {
      name: field.name,
      type: field.type,
      kind: kindOf(field.type),
      values,
      samples,
      isUnique: samples.length === values.length,
    };
  });
  return { name, rowCount: columns[0]?.values.length ?? 0, columns };
}

function differentValues(values: readonly LiteralLike[]): readonly LiteralLike[] {
  const sorted = values.filter((value) => value !== null).sort(compareValues);
  return sorted.filter((value, index) => index === 0 || compareValues(sorted[index - 1] as LiteralLike, value) !== 0);
}
