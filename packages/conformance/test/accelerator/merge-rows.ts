import { concatBatches, createLiteralReader, createValueReader, takeRows } from '@millrace/arrow';
import type { CreateTableCommand, RecordBatch, WriteMode } from '@millrace/core';
import { isWanted } from '../../src/model/evaluate.ts';
import { valueKey } from '../../src/read/row-key.ts';
import { modelFailure } from './model-failure.ts';

/** Rows that are there and rows that are written. */
export interface Merge {
  readonly command: CreateTableCommand;
  readonly mode: WriteMode;
  readonly old: RecordBatch;
  readonly written: RecordBatch;
}

type KeyReader = (row: number) => string | undefined;

/** The rows of the next version, slowly and plainly. @throws MillraceError `integrity`. */
export function mergeRows({ command, mode, old, written }: Merge): RecordBatch {
  const { primaryKey, indexes = [], onConflict = 'upsert' } = command;
  let stay = mode.kind === 'overwrite_where' ? rowsOutside(old, mode.filters) : [];
  let taken = Array.from({ length: written.numRows }, (_, row) => row);
  if (primaryKey !== undefined) {
    const [oldKey, newKey] = [keyReader(old, primaryKey), keyReader(written, primaryKey)];
    if (onConflict === 'drop') {
      const seen = new Set(stay.map(oldKey));
      taken = taken.filter((row) => isFirst(seen, newKey(row)));
    } else {
      if (onConflict === 'upsert_dedup') taken = distinct(written, taken);
      if (onConflict === 'upsert_dedup_by_row_id') taken = lastOfEach(taken, newKey);
      requireUnique(taken.map(newKey));
      const keys = new Set(taken.map(newKey));
      stay = stay.filter((row) => oldKey(row) === undefined || !keys.has(oldKey(row)));
    }
  }
  const merged = concatBatches(old.schema, [takeRows(old, stay), takeRows(written, taken)]);
  for (const { columns, unique } of indexes) {
    const key = keyReader(merged, columns);
    if (unique) requireUnique(Array.from({ length: merged.numRows }, (_, row) => key(row)));
  }
  return merged;
}

function rowsOutside(batch: RecordBatch, filters: Parameters<typeof isWanted>[0]): number[] {
  const names = batch.schema.fields.map(({ name }) => name);
  const readers = batch.data.children.map(createLiteralReader);
  const rows = Array.from({ length: batch.numRows }, (_, row) => row);
  return rows.filter((row) => !isWanted(filters, (column) => readers[names.indexOf(column)]!(row)));
}

/** Texts that are equal for equal keys only; undefined for a key that is missing. */
function keyReader(batch: RecordBatch, columns: readonly string[]): KeyReader {
  const readers = columns.map((column) => {
    const ordinal = batch.schema.fields.findIndex(({ name }) => name === column);
    return createValueReader(batch.data.children[ordinal]!);
  });
  return (row) => {
    const values = readers.map((read) => read(row));
    return values.includes(null) ? undefined : JSON.stringify(values.map(valueKey));
  };
}

function isFirst(seen: Set<string | undefined>, key: string | undefined): boolean {
  if (key === undefined) return true;
  const isNew = !seen.has(key);
  seen.add(key);
  return isNew;
}

function distinct(batch: RecordBatch, rows: readonly number[]): number[] {
  const readers = batch.data.children.map(createValueReader);
  const seen = new Set<string>();
  return rows.filter((row) => isFirst(seen, JSON.stringify(readers.map((read) => valueKey(read(row))))));
}

function lastOfEach(rows: readonly number[], key: KeyReader): number[] {
  const seen = new Set<string>();
  return [...rows].reverse().filter((row) => isFirst(seen, key(row)));
}

function requireUnique(keys: readonly (string | undefined)[]): void {
  const present = keys.filter((key) => key !== undefined);
  if (new Set(present).size < present.length) throw modelFailure('integrity', 'several rows have one key');
}
