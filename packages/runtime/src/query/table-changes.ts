import type { TableName } from '@millrace/duckdb';
import { tableKey } from './engine-table.ts';

/** Told of a table whose rows have changed, or are about to. */
export type TableChangeListener = (name: TableName) => void;

/**
 * Counts the versions of tables whose changes are known: those that are accelerated. What is read from a source at every query changes
 * without a word.
 */
export class TableChanges {
  readonly #generations = new Map<string, number>();
  readonly #listeners = new Set<TableChangeListener>();

  /** A number that is another one after every change that was announced. */
  generationOf(name: TableName): number {
    return this.#generations.get(tableKey(name)) ?? 0;
  }

  /** What was read of the table before may be out of date from now on. */
  announce(name: TableName): void {
    this.#generations.set(tableKey(name), this.generationOf(name) + 1);
    for (const listener of this.#listeners) listener(name);
  }

  /** Lets a listener hear of every change from now on, until the function that comes back is called. */
  add(listener: TableChangeListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}
