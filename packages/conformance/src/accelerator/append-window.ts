import { type BuildValue, createLiteralReader } from '@millrace/arrow';
import type { Expr, Field, WriteMode } from '@millrace/core';
import { columnOf, condition, literalOf } from '../expressions.ts';
import { isWanted } from '../model/evaluate.ts';
import { presentedBatch } from './accelerated-source.ts';
import type { Accelerated } from './accelerator-context.ts';
import type { AcceleratorSubject } from './accelerator-subject.ts';
import type { SourceRows } from './write-rows.ts';

/** The mode of an append refresh from a bound on: rows at or after it, and rows without a time, give way. */
export function windowFrom(column: Field, bound: BuildValue): WriteMode & { readonly kind: 'overwrite_where' } {
  const expr = columnOf(column);
  const inWindow = condition('ge', expr, literalOf(column.type, bound));
  return { kind: 'overwrite_where', filters: [condition('or', inWindow, condition('is_null', expr))] };
}

/** The column of an accelerated table with its own type, for filters. */
export function tableColumn({ table }: Pick<Accelerated, 'table'>, name: string): Field {
  const found = table.schema.fields.find((field) => field.name === name);
  if (found === undefined) throw new TypeError(`the accelerated table has no column ${name}`);
  return found;
}

/** The rows for which not every filter is TRUE: those that stay when a refresh replaces the others. */
export function rowsThatStay(
  subject: AcceleratorSubject,
  { schema }: Pick<Accelerated, 'schema'>,
  { rows, filters }: { readonly rows: SourceRows; readonly filters: readonly Expr[] },
): SourceRows {
  const batch = presentedBatch(subject, { schema, rows });
  const names = batch.schema.fields.map(({ name }) => name);
  const readers = batch.data.children.map(createLiteralReader);
  return rows.filter((_, row) => !isWanted(filters, (column) => readers[names.indexOf(column)]!(row)));
}
