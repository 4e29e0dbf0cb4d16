import { type Breather, splitRows } from '@millrace/arrow';
import type { RecordBatch } from '@millrace/core';
import type { KeyIndex } from './key-index.ts';
import { takeInTurns } from './take-in-turns.ts';
import { keyReader, type RowIdentity } from './written-rows.ts';

/** Rows that are there, and keys that were written. */
export interface TwinSearch {
  readonly batches: readonly RecordBatch[];
  readonly identity: RowIdentity;
  readonly written: KeyIndex;
  /** Told where the written row of each key is that is there already; then every row that is there stays. */
  readonly onTwin?: ((place: number) => void) | undefined;
  readonly breather: Breather;
}

/** The rows whose key was not written, in batches that are the very same where that is true of all their rows. */
export async function withoutTwins(search: TwinSearch): Promise<readonly RecordBatch[]> {
  const { batches, identity, written, onTwin, breather } = search;
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
