import { type Breather, normalizeColumn, type Predicate, splitRows } from '@millrace/arrow';
import type { RecordBatch, Schema } from '@millrace/core';
import { checkUnique } from './check-unique.ts';
import type { TableRules } from './conflict-rule.ts';
import { takeInTurns } from './take-in-turns.ts';
import { withoutTwins } from './without-twins.ts';
import { WrittenRows } from './written-rows.ts';

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
  const { component, primaryKey } = rules;
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
  await checkUnique({ schema, rules, kept, written: rows, breather });
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
