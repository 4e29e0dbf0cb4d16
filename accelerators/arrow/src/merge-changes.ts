import { type Breather, createEffectReader, projectBatch } from '@millrace/arrow';
import type { RecordBatch, Schema } from '@millrace/core';
import { checkUnique } from './check-unique.ts';
import type { TableRules } from './conflict-rule.ts';
import type { MergedRows } from './merge-rows.ts';
import { withoutTwins } from './without-twins.ts';
import { WrittenRows } from './written-rows.ts';

/** What is there, and changes of it. */
export interface ChangeMerge {
  readonly schema: Schema;
  /** With a primary key. */
  readonly rules: TableRules;
  /** The rows that are there. */
  readonly old: readonly RecordBatch[];
  /** In the order in which they happened, checked. */
  readonly changes: readonly RecordBatch[];
  readonly breather: Breather;
}

/**
 * Works out the rows of the next version from changes. Changes nothing.
 *
 * @throws MillraceError `integrity` for rows that break a unique index, `cancelled`.
 */
export async function mergeChanges({ schema, rules, old, changes, breather }: ChangeMerge): Promise<MergedRows> {
  const { component, primaryKey } = rules;
  if (primaryKey === undefined) throw new TypeError('changes were written to a table without a key');
  const columns = schema.fields.map((_, ordinal) => ordinal);
  const written = new WrittenRows(changes.map((batch) => projectBatch(batch, columns)));
  const identity = { component, schema, ordinals: primaryKey.ordinals };
  const effects = changes.map((batch) => createEffectReader(batch, { component, connector: 'arrow' }));
  const { changed, others } = await written.resolveChanges(identity, effects, breather);
  const kept = others === 'gone' ? [] : await withoutTwins({ batches: old, identity, written: changed, breather });
  await checkUnique({ schema, rules, kept, written, breather });
  const added: RecordBatch[] = [];
  for await (const batch of written.remaining(breather)) added.push(batch);
  return { kept, added };
}
