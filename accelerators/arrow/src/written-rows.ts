import { type Breather, type ChangeEffect, createKeyReader, type KeyReader } from '@millrace/arrow';
import { MillraceError, type OnConflict, type RecordBatch, type Schema } from '@millrace/core';
import { notUnique } from './conflict-rule.ts';
import { KeyIndex } from './key-index.ts';
import { createRowText } from './row-text.ts';
import { takeInTurns } from './take-in-turns.ts';

/** Rows that are looked at between two looks at the clock. */
const WINDOW_ROWS = 1_024;

/** Columns whose values together tell rows apart. */
export interface RowIdentity {
  readonly component: string;
  readonly schema: Schema;
  readonly ordinals: readonly number[];
}

/** Rows that were written, in the order of writing, with marks on those that do not stay. */
export class WrittenRows {
  readonly batches: readonly RecordBatch[];
  /** The place of each batch's first row among all. */
  readonly #starts: readonly number[];
  readonly #rowCount: number;
  #removed: Uint8Array | undefined;

  constructor(batches: readonly RecordBatch[]) {
    this.batches = batches;
    let rowCount = 0;
    this.#starts = batches.map(({ numRows }) => {
      rowCount += numRows;
      return rowCount - numRows;
    });
    this.#rowCount = rowCount;
  }

  /** Marks the row at a place as one that does not stay. */
  remove(place: number): void {
    this.#removed ??= new Uint8Array(this.#rowCount);
    this.#removed[place] = 1;
  }

  /**
   * Leaves one row for each key, as a rule says; rows that have a null in their key stay.
   *
   * @returns where the row with each key is.
   * @throws MillraceError `integrity` where the rule allows no second row.
   */
  async resolve(identity: RowIdentity, onConflict: OnConflict, breather: Breather): Promise<KeyIndex> {
    const keyReads = this.batches.map((batch) => keyReader(batch, identity));
    const index = new KeyIndex(this.#rowCount, this.#finder(keyReads));
    const textAt = this.#finder(this.batches.map(createRowText));
    let withoutKey: KeyIndex | undefined;
    for (const [number, batch] of this.batches.entries()) {
      const read = keyReads[number]!;
      const start = this.#starts[number] ?? 0;
      for (let row = 0; row < batch.numRows; row++) {
        if (row % WINDOW_ROWS === 0) await breather.breathe();
        const place = start + row;
        if (this.#removed?.[place]) continue;
        const key = read(row);
        if (key === undefined) {
          if (onConflict !== 'upsert_dedup') continue;
          withoutKey ??= new KeyIndex(this.#rowCount, textAt);
          const text = textAt(place) ?? '';
          if (withoutKey.get(text) === undefined) withoutKey.set(text, place);
          else this.remove(place);
          continue;
        }
        const known = index.get(key);
        if (known === undefined) index.set(key, place);
        else {
          if (onConflict === 'upsert_dedup_by_row_id') {
            this.remove(known);
            index.set(key, place);
          } else if (onConflict === 'drop') this.remove(place);
          else if (onConflict === 'upsert_dedup' && textAt(place) === textAt(known)) this.remove(place);
          else throw notUnique(identity.component, identity.schema, identity.ordinals);
        }
      }
    }
    return index;
  }

  /**
   * Takes the rows for changes, and leaves those that are there in the end: the last one of each key, if it does not say that the row is gone.
   *
   * @param effects tell by batch what a row does; every row has a whole key, unless all are gone by it.
   * @returns where the last change of each key is since all rows were gone, and what became of keys that no change tells of.
   */
  async resolveChanges(
    identity: RowIdentity,
    effects: readonly ((row: number) => ChangeEffect)[],
    breather: Breather,
  ): Promise<{ readonly changed: KeyIndex; readonly others: 'stay' | 'gone' }> {
    const start = await this.#placeAfterTruncate(effects, breather);
    for (let place = 0; place < start; place++) this.remove(place);
    const keyReads = this.batches.map((batch) => keyReader(batch, identity));
    const changed = new KeyIndex(this.#rowCount - start, this.#finder(keyReads));
    for (const [number, batch] of this.batches.entries()) {
      const first = this.#starts[number] ?? 0;
      for (let row = Math.max(0, start - first); row < batch.numRows; row++) {
        if (row % WINDOW_ROWS === 0) await breather.breathe();
        const place = first + row;
        const key = keyReads[number]!(row);
        if (key === undefined) throw new TypeError('a change without a key was not refused');
        const known = changed.get(key);
        if (known !== undefined) this.remove(known);
        if (effects[number]!(row) === 'gone') this.remove(place);
        changed.set(key, place);
      }
    }
    return { changed, others: start > 0 ? 'gone' : 'stay' };
  }

  /** The rows that stay, in the order of writing; a batch of which all do is the very same. */
  async *remaining(breather: Breather): AsyncGenerator<RecordBatch, void, undefined> {
    for (const [number, batch] of this.batches.entries()) {
      await breather.breathe();
      const start = this.#starts[number] ?? 0;
      const marks = this.#removed?.subarray(start, start + batch.numRows);
      if (!marks?.includes(1)) yield batch;
      else yield* takeInTurns(batch, rowsWithout(marks), breather);
    }
  }

  /** The place behind the last row by which all rows are gone; 0 where there is none. */
  async #placeAfterTruncate(effects: readonly ((row: number) => ChangeEffect)[], breather: Breather): Promise<number> {
    let after = 0;
    for (const [number, { numRows }] of this.batches.entries()) {
      for (let row = 0; row < numRows; row++) {
        if (row % WINDOW_ROWS === 0) await breather.breathe();
        if (effects[number]!(row) === 'all_gone') after = (this.#starts[number] ?? 0) + row + 1;
      }
    }
    return after;
  }

  /** Reads by place what the readers of the batches read by row. */
  #finder<T>(reads: readonly ((row: number) => T)[]): (place: number) => T | undefined {
    return (place) => {
      const number = this.#starts.findLastIndex((start) => start <= place);
      return reads[number]?.(place - (this.#starts[number] ?? 0));
    };
  }
}

/** Prepares the keys of a batch. @throws MillraceError `unsupported` for columns whose values cannot be compared. */
export function keyReader(batch: RecordBatch, { component, ordinals }: RowIdentity): KeyReader {
  const read = createKeyReader(batch, ordinals);
  if (read !== undefined) return read;
  throw new MillraceError({
    code: 'unsupported',
    component,
    connector: 'arrow',
    message: 'a key or unique index has a column whose values cannot be compared',
    hint: 'Choose columns of plain types, or use the engine duckdb',
  });
}

function rowsWithout(marks: Uint8Array): Uint32Array {
  const rows = new Uint32Array(marks.length);
  let count = 0;
  for (let row = 0; row < marks.length; row += 1) if (marks[row] === 0) rows[count++] = row;
  return rows.subarray(0, count);
}
