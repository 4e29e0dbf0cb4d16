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
  /** The numbers of the rows that hold each of the samples. */
  readonly rowsBySample: readonly (readonly number[])[];
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
    const groups = groupRows(values);
    return {
      name: field.name,
      type: field.type,
      kind: kindOf(field.type),
      values,
      samples: groups.map(({ value }) => value),
      rowsBySample: groups.map(({ rows }) => rows),
      isUnique: groups.length === values.length,
    };
  });
  return { name, rowCount: columns[0]?.values.length ?? 0, columns };
}

/** The row numbers of a column that hold a value; none for null. */
export function rowsHolding({ samples, rowsBySample }: ColumnValues, value: LiteralLike): readonly number[] {
  if (value === null) return [];
  let low = 0;
  let high = samples.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const order = compareValues(samples[middle] ?? null, value);
    if (order === 0) return rowsBySample[middle] ?? [];
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return [];
}

interface RowGroup {
  readonly value: LiteralLike;
  readonly rows: number[];
}

function groupRows(values: readonly LiteralLike[]): readonly RowGroup[] {
  const rows = values.flatMap((value, row) => (value === null ? [] : [{ value, row }]));
  const groups: RowGroup[] = [];
  for (const { value, row } of rows.sort((left, right) => compareValues(left.value, right.value))) {
    const last = groups.at(-1);
    if (last !== undefined && compareValues(last.value, value) === 0) last.rows.push(row);
    else groups.push({ value, rows: [row] });
  }
  return groups;
}
