import { type Field, TypeId } from '@millrace/core';
import { toDuckDbType } from '@millrace/duckdb';
import type { FixedSchema } from '../file-reader.ts';
import { columnTypeError, missingColumnError } from '../schema-errors.ts';
import { combineTypes } from './combine-types.ts';
import type { CsvFile } from './csv-file.ts';
import { type MergeRequest, UNION_HINT } from './merge-columns.ts';
import type { CsvColumn } from './sniff-csv.ts';

/**
 * Checks that reading a file with the types of a fixed schema changes no value. What a user declared may be narrower than what the
 * file shows, since a value that does not fit then fails; but DuckDB rounds fractions to fit an integer without a word.
 *
 * @throws MillraceError `schema_mismatch` naming file and column.
 */
export async function checkCsvFit(
  file: CsvFile,
  { schema, origin }: FixedSchema,
  { columns, findEmpty, component }: Pick<MergeRequest, 'columns' | 'findEmpty' | 'component'>,
): Promise<void> {
  const present = file.layout.columns.map(({ name }) => name);
  const byName = new Map(file.layout.columns.map((column) => [column.name.toLowerCase(), column]));
  const doubtful: { readonly field: Field; readonly column: CsvColumn }[] = [];
  for (const field of schema.fields) {
    const column = byName.get(field.name.toLowerCase());
    if (column !== undefined) {
      if (origin === 'declared' ? dropsFraction(column, field) : !holds(field, column))
        doubtful.push({ field, column });
    } else if (columns === 'same')
      throw missingColumnError({
        component,
        file: file.path,
        column: field.name,
        present,
        ...(origin === 'inferred' ? { hint: UNION_HINT } : {}),
      });
  }
  const empty = await findEmpty(
    file,
    doubtful.map(({ column }) => column.name),
  );
  const wrong = doubtful.find(({ column }) => !empty.has(column.name));
  if (wrong === undefined) return;
  throw columnTypeError({
    component,
    file: file.path,
    column: wrong.field.name,
    found: wrong.column.type,
    wanted: toDuckDbType(wrong.field),
  });
}

function dropsFraction(column: CsvColumn, { type }: Field): boolean {
  return column.type === 'DOUBLE' && type.typeId === TypeId.Int;
}

function holds(field: Field, column: CsvColumn): boolean {
  const type = toDuckDbType(field);
  return combineTypes(type, column.type) === type;
}
