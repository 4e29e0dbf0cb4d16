import { concatBatches, createLiteralReader, createValueReader, projectBatch, takeRows } from '@millrace/arrow';
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
  const { primaryKey, onConflict = 'upsert' } = command;
  if (mode.kind === 'changes') return requireIndexes(command, applyChanges({ command, mode, old, written }));
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
  return requireIndexes(command, concatBatches(old.schema, [takeRows(old, stay), takeRows(written, taken)]));
}

/** Change by change, as they happened. */
function applyChanges({ command, old, written }: Merge): RecordBatch {
  const key = command.primaryKey ?? [];
  const rows = projectBatch(
    written,
    old.schema.fields.map((_, ordinal) => ordinal),
  );
  const kindOf = createValueReader(written.data.children.at(-1)!);
  const [oldKey, newKey] = [keyReader(old, key), keyReader(rows, key)];
  const current = new Map<string | undefined, RecordBatch>();
  for (let row = 0; row < old.numRows; row += 1) current.set(oldKey(row), takeRows(old, [row]));
  for (let row = 0; row < rows.numRows; row += 1) {
    const kind = kindOf(row);
    if (kind === 'truncate') current.clear();
    else if (kind === 'delete' || kind === 'update_preimage') current.delete(newKey(row));
    else current.set(newKey(row), takeRows(rows, [row]));
  }
  return concatBatches(old.schema, [...current.values()]);
}

function requireIndexes({ indexes = [] }: CreateTableCommand, merged: RecordBatch): RecordBatch {
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
