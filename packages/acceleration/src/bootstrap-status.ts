import { schemasEqual } from '@millrace/arrow';
import type { BootstrapStatus, Checkpoint, CreateTableCommand, Schema } from '@millrace/core';

/** The version of a table that its public name stands for, as the place where it lives tells it. */
export interface StoredVersion {
  readonly version: number;
  readonly checkpoint: Checkpoint;
}

/** What stands in a table of checkpoints about a dataset; `foreign` was written by a release that laid it out otherwise. */
export type CheckpointRow =
  | ({ readonly kind: 'stored' } & StoredVersion)
  | { readonly kind: 'foreign' }
  | { readonly kind: 'none' };

/** What is wanted, and whether a version's rows can be read. */
export interface WantedTable {
  readonly command: CreateTableCommand;
  /** The stored schema of the command. */
  readonly schema: Schema;
  readonly isThere: (version: number) => boolean;
}

/** What `init` has found: rows are used when they were loaded whole, by the same definition and with the same columns. */
export function bootstrapStatus(row: CheckpointRow, { command, schema, isThere }: WantedTable): BootstrapStatus {
  if (row.kind === 'none') return { kind: 'empty' };
  if (row.kind !== 'stored') return discarded('it was written by another release, in another layout');
  const { checkpoint, version } = row;
  if (!isThere(version)) return discarded('its table is missing');
  if (!checkpoint.bootstrapComplete) return discarded('it was not loaded completely');
  if (checkpoint.definitionHash !== command.definitionHash)
    return discarded('the definition of the dataset has changed');
  if (!schemasEqual(checkpoint.schema, schema)) return discarded('the columns of the dataset have changed');
  return { kind: 'ready', checkpoint };
}

function discarded(reason: string): BootstrapStatus {
  return { kind: 'discarded', reason };
}
