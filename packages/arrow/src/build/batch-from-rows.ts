import { MillraceError, type RecordBatch, type Schema } from '@millrace/core';
import type { BuildValue } from './build-value.ts';
import { type ColumnBuilder, createNamedColumnBuilder, rejected } from './column-builder.ts';
import { createMemberReader } from './member-reader.ts';

const FIRST_CAPACITY = 1_024;

/**
 * A batch from rows: arrays in the order of the schema's fields, or objects by column name.
 *
 * What is accepted for which type: {@link BuildValue}. A missing member is null; members that the schema does not name are
 * left out; an array has to have as many elements as there are fields.
 *
 * @throws MillraceError `invalid_data` naming column and row (from 0), never the value: a value that does not fit its
 *   type, a null in a column that is not nullable, an array of the wrong length.
 */
export function batchFromRows(
  schema: Schema,
  rows: Iterable<readonly unknown[] | Readonly<Record<string, unknown>>>,
): RecordBatch {
  const capacity = Array.isArray(rows) ? rows.length : FIRST_CAPACITY;
  const columns = schema.fields.map((field) => ({
    field,
    builder: createNamedColumnBuilder(field.name, field.type, capacity),
    read: createMemberReader(field.name),
  }));
  let numRows = 0;
  for (const row of rows) {
    if (Array.isArray(row) && row.length !== columns.length) throw wrongRowLength(numRows, row.length, columns.length);
    for (let ordinal = 0; ordinal < columns.length; ordinal++) {
      const column = columns[ordinal];
      if (!column) continue;
      const value = Array.isArray(row) ? row[ordinal] : column.read(row);
      appendChecked(column.builder, column.field, value);
    }
    numRows++;
  }
  return { schema, numRows, data: { children: columns.map(({ builder }) => builder.finish()) } };
}

/** Appends a value of a column whose field may promise that it holds no nulls. */
export function appendChecked(builder: ColumnBuilder, field: Schema['fields'][number], value: unknown): void {
  if ((value === null || value === undefined) && !field.nullable) {
    const reason = 'is null, but the column is not nullable';
    throw rejected({ name: field.name, row: builder.length, type: field.type, reason });
  }
  builder.append(value as BuildValue | null | undefined);
}

function wrongRowLength(row: number, held: number, needed: number): MillraceError {
  return new MillraceError({
    code: 'invalid_data',
    component: 'column builder',
    message: `row ${row} has ${held} values, but the schema has ${needed} columns`,
    hint: 'Give rows as arrays with one value for each column, or as objects by column name.',
  });
}
