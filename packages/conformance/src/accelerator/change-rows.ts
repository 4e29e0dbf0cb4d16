import type { BuildValue } from '@millrace/arrow';
import { type AcceleratedTable, type ChangeType, changeSchema, type Schema, type WriteResult } from '@millrace/core';
import { type NewCheckpoint, type Refresh, refreshTable, type SourceRows } from './write-rows.ts';

/** How changes are applied so that every check of them holds. */
export const CHANGES_FIX =
  'Stage the changes with their order, keep the last one of each key, delete the rows of their keys, and insert those that are there; in one transaction.';

/** A change of a row: its kind, and the values of the table's columns. */
export type Change = readonly [kind: ChangeType, row: readonly BuildValue[]];

/** Changes that are applied in one refresh. */
export interface ChangeRefresh {
  /** Of the source. */
  readonly schema: Schema;
  readonly changes: readonly Change[];
  readonly checkpoint?: Partial<NewCheckpoint>;
  readonly batchRowCount?: number;
}

/** Changes as a refresh writes them. */
export function changeRefresh({ schema, changes, ...rest }: ChangeRefresh): Refresh {
  const rows = changes.map(([kind, row]) => [...row, kind]);
  return { schema: changeSchema(schema), rows, mode: { kind: 'changes' }, ...rest };
}

/** Applies changes in one refresh, as a host does. */
export function applyChanges(table: AcceleratedTable, refresh: ChangeRefresh): Promise<WriteResult> {
  return refreshTable(table, changeRefresh(refresh));
}

/** A row of which only the key is told: the first columns, so many as the key has. */
export function keyAlone(row: readonly BuildValue[], keyLength = 1): readonly BuildValue[] {
  return row.map((value, ordinal) => (ordinal < keyLength ? value : null));
}

/** Rows by their key, which is in the first columns: what a source has after changes. */
export class KeyedRows {
  readonly #rows = new Map<string, readonly BuildValue[]>();
  readonly #keyLength: number;

  constructor(rows: SourceRows = [], keyLength = 1) {
    this.#keyLength = keyLength;
    for (const row of rows) this.#rows.set(this.#keyOf(row), row);
  }

  get all(): SourceRows {
    return [...this.#rows.values()];
  }

  /** Another source with the same rows. */
  copy(): KeyedRows {
    return new KeyedRows(this.all, this.#keyLength);
  }

  has(row: readonly BuildValue[]): boolean {
    return this.#rows.has(this.#keyOf(row));
  }

  /** Does what the changes say, one after the other. */
  apply(changes: readonly Change[]): this {
    for (const [kind, row] of changes) {
      if (kind === 'truncate') this.#rows.clear();
      else if (kind === 'delete' || kind === 'update_preimage') this.#rows.delete(this.#keyOf(row));
      else this.#rows.set(this.#keyOf(row), row);
    }
    return this;
  }

  #keyOf(row: readonly BuildValue[]): string {
    return JSON.stringify(row.slice(0, this.#keyLength).map(String));
  }
}
