import { MillraceError } from '@millrace/core';
import type { CopyMode, DatasetConfig, OnSchemaChange } from '../config/index.ts';
import { type ColumnChanges, describeChanges, hasChanges, isAdditive } from './column-changes.ts';

/** What becomes of a loaded copy: its rows are served as they are, `redefine` gives way to the new columns, `recreate` to a whole load. */
export type SchemaVerdict = 'block' | 'redefine' | 'recreate';

/** What `on_schema_change` says of a dataset; `file_update` is a rule of its own. */
export function schemaRuleOf({ onSchemaChange, acceleration }: DatasetConfig): OnSchemaChange | 'file_update' {
  if (acceleration?.mode === 'file_update') return 'file_update';
  return onSchemaChange ?? 'block';
}

/** Whether a rule may ever change the columns of a loaded copy. */
export function mayRedefine(rule: OnSchemaChange | 'file_update'): boolean {
  return rule !== 'block' && rule !== 'fail';
}

/** Decides what becomes of a loaded copy whose source has other columns. */
export function judgeChanges(changes: ColumnChanges, rule: OnSchemaChange | 'file_update'): SchemaVerdict {
  if (!hasChanges(changes)) return 'redefine';
  switch (rule) {
    case 'block':
    case 'fail':
      return 'block';
    case 'append_new_columns':
      return isAdditive(changes) ? 'redefine' : 'block';
    case 'sync_all_columns':
      return 'redefine';
    case 'file_update':
      return isAdditive(changes) ? 'redefine' : 'recreate';
    case 'drop_and_recreate':
      return 'recreate';
  }
}

/** The error of a refresh that a rule does not allow, with what helps. */
export function blockedError(
  dataset: DatasetConfig,
  changes: ColumnChanges,
  { rule, canRedefine }: { readonly rule: OnSchemaChange | 'file_update'; readonly canRedefine: boolean },
): MillraceError {
  const location = dataset.location('on_schema_change');
  const serving = rule === 'fail' ? 'The copy is not served' : 'The old rows are served and not refreshed';
  return new MillraceError({
    code: 'schema_mismatch',
    component: `dataset ${dataset.name.text}`,
    connector: dataset.from.connector,
    message: `the columns of the source have changed since it was copied: ${describeChanges(changes)}`,
    hint: `${serving}. ${adviceOf(changes, dataset.acceleration?.mode ?? 'memory', canRedefine)}.`,
    ...(location ? { location } : {}),
  });
}

function adviceOf(changes: ColumnChanges, mode: CopyMode, canRedefine: boolean): string {
  const restart = 'restart the runtime to load it with the new columns';
  if (!canRedefine) return `To take the change over, ${restart}`;
  const rule = isAdditive(changes) ? 'append_new_columns' : 'sync_all_columns';
  const set = `set \`on_schema_change: ${rule}\`, or \`drop_and_recreate\` to load everything anew, and restart the runtime`;
  return `To take the change over, ${mode === 'memory' || mode === 'file_create' ? `${restart}, or ${set}` : set}`;
}
