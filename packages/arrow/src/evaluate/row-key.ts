import type { RecordBatch } from '@millrace/core';
import { createLiteralReader } from '../read/literal-reader.ts';
import { commonForm, scalarKey } from './value-form.ts';

/** What stands for the values of some columns: equal, as `Map` compares, for equal values. */
export type RowKey = boolean | number | bigint | string;

/** Reads the key of a row; undefined where one of its values is null. */
export type KeyReader = (row: number) => RowKey | undefined;

/** Prepares a batch's keys; undefined where a column's values have no equality here. */
export function createKeyReader(batch: RecordBatch, ordinals: readonly number[]): KeyReader | undefined {
  const reads = ordinals.map((ordinal) => {
    const column = batch.data.children[ordinal]!;
    const form = commonForm(column.type, column.type);
    if (form === undefined) return undefined;
    const read = createLiteralReader(column);
    return (row: number): KeyPart => {
      const value = read(row);
      return value === null ? null : scalarKey(form.left(value));
    };
  });
  if (!reads.every((read) => read !== undefined)) return undefined;
  const [only] = reads;
  if (only !== undefined && reads.length === 1) return (row) => only(row) ?? undefined;
  return (row) => {
    const parts = reads.map((read) => read(row));
    return parts.includes(null) ? undefined : composeKey(parts);
  };
}

/** One value of a key, in a form that compares by itself. */
export type KeyPart = boolean | number | bigint | string | null;

/** Joins the values of a key; each part tells its length, so that no two keys make one text. */
export function composeKey(parts: readonly KeyPart[]): string {
  let composed = '';
  for (const part of parts) {
    const text = Object.is(part, -0) ? '0' : String(part);
    composed += part === null ? 'n' : `${text.length}:${text}`;
  }
  return composed;
}
