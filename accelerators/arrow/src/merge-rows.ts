import { type Breather, normalizeColumn, type Predicate, splitRows } from '@millrace/arrow';
import type { RecordBatch, Schema } from '@millrace/core';
import { notUnique, type TableRules } from './conflict-rule.ts';
import type { KeyIndex } from './key-index.ts';
import { takeInTurns } from './take-in-turns.ts';
import { keyReader, type RowIdentity, WrittenRows } from './written-rows.ts';

/** What is there, what was written, and what the one does to the other. */
export interface RowMerge {
  readonly schema: Schema;
  readonly rules: TableRules;
  /** The rows that are there. */
  readonly old: readonly RecordBatch[];
  /** An old row for which all of them are TRUE gives way; with none of them every row does. */
  readonly window: readonly Predicate[];
  /** In the order of writing. */
  readonly written: readonly RecordBatch[];
  readonly breather: Breather;
}

/** The rows of the next version: old ones that stay, in batches that are the very same where no row of them gives way, and written ones. */
export interface MergedRows {
  readonly kept: readonly RecordBatch[];
  readonly added: readonly RecordBatch[];
}

/**
 * Works out the rows of the next version. Changes nothing.
 *
 * @throws MillraceError `integrity` for rows that break a key or a unique index, `cancelled`.
 */
export async function mergeRows(merge: RowMerge): Promise<MergedRows> {
  const { schema, rules, breather } = merge;
  const { component, primaryKey, unique } = rules;
  const rows = new WrittenRows(merge.written);
  let kept = await outsideWindow(merge);
  if (primaryKey) {
    const identity = { component, schema, ordinals: primaryKey.ordinals };
    const written = await rows.resolve(identity, primaryKey.onConflict, breather);
    if (!written.isEmpty) {
      const isKept = primaryKey.onConflict === 'drop';
      const onTwin = isKept ? (place: number) => rows.remove(place) : undefined;
      kept = await withoutTwins({ batches: kept, identity, written, onTwin, breather });
    }
  }
  for (const ordinals of unique) {
    const identity = { component, schema, ordinals };
    const written = await rows.resolve(identity, 'upsert', breather);
    if (written.isEmpty) continue;
    const onTwin = (): never => {
      throw notUnique(component, schema, ordinals);
    };
    await withoutTwins({ batches: kept, identity, written, onTwin, breather });
  }
  const added: RecordBatch[] = [];
  for await (const batch of rows.remaining(breather)) added.push(batch);
  return { kept, added };
}

async function outsideWindow({ old, window, breather }: RowMerge): Promise<readonly RecordBatch[]> {
  if (window.length === 0) return [];
  const kept: RecordBatch[] = [];
  for (const batch of old) {
    const { numRows, data } = batch;
    const normalized = { ...batch, data: { children: data.children.map(normalizeColumn) } };
    const { failing } = await splitRows(normalized, window, breather);
    if (failing.length === numRows) kept.push(batch);
    else for await (const part of takeInTurns(batch, failing, breather)) kept.push(part);
  }
  return kept;
}

/** Old rows whose key was not written; with `onTwin` all of them, and it is told where the written one is. */
async function withoutTwins(request: {
  readonly batches: readonly RecordBatch[];
  readonly identity: RowIdentity;
  readonly written: KeyIndex;
  readonly onTwin: ((place: number) => void) | undefined;
  readonly breather: Breather;
}): Promise<readonly RecordBatch[]> {
  const { batches, identity, written, onTwin, breather } = request;
  const kept: RecordBatch[] = [];
  for (const batch of batches) {
    const read = keyReader(batch, identity);
    const test = (row: number): boolean => {
      const key = read(row);
      const place = key === undefined ? undefined : written.get(key);
      if (place !== undefined) onTwin?.(place);
      return place !== undefined && onTwin === undefined;
    };
    const { failing } = await splitRows(batch, [{ mayRaise: false, bind: () => test }], breather);
    if (failing.length === batch.numRows) kept.push(batch);
    else for await (const part of takeInTurns(batch, failing, breather)) kept.push(part);
  }
  return kept;
}
