import type { Breather } from '@millrace/arrow';
import type { RecordBatch, Schema } from '@millrace/core';
import { notUnique, type TableRules } from './conflict-rule.ts';
import { withoutTwins } from './without-twins.ts';
import type { WrittenRows } from './written-rows.ts';

/** The rows of the next version. */
export interface UniqueCheck {
  readonly schema: Schema;
  readonly rules: TableRules;
  readonly kept: readonly RecordBatch[];
  readonly written: WrittenRows;
  readonly breather: Breather;
}

/**
 * Makes sure that the written rows break no unique index, among themselves or with those that stay.
 *
 * @throws MillraceError `integrity`.
 */
export async function checkUnique({ schema, rules, kept, written: rows, breather }: UniqueCheck): Promise<void> {
  const { component, unique } = rules;
  for (const ordinals of unique) {
    const identity = { component, schema, ordinals };
    const written = await rows.resolve(identity, 'upsert', breather);
    if (written.isEmpty) continue;
    const onTwin = (): never => {
      throw notUnique(component, schema, ordinals);
    };
    await withoutTwins({ batches: kept, identity, written, onTwin, breather });
  }
}
