import { type Breather, checkColumns, sliceBatch } from '@millrace/arrow';
import type { ColumnData, RecordBatch, Schema } from '@millrace/core';
import { joinInTurns } from './join-in-turns.ts';
import { allocationsOf, spannedBytes } from './memory-size.ts';

/** Sixty of the engine's vectors; a column of so many numbers is joined in a small part of a millisecond. */
const SLAB_ROWS = 122_880;
/** Wide rows end a slab earlier: a column is copied without a pause, which takes some milliseconds for as much text. */
const SLAB_BYTES = 1 << 23;
/** Fewer rows are worth rebuilding their dictionaries for. */
const REBUILD_ROWS = 8_192;
/** A batch that holds on to so many times its own bytes is copied out of what surrounds it. */
const MAX_PINNED_RATIO = 2;

/**
 * Packs a stream of batches into few large slabs. Small batches are joined; large ones stay in the memory they came in,
 * unless they are a small part of it. Dictionaries stay dictionaries.
 */
export class SlabPacker {
  readonly slabs: RecordBatch[] = [];
  readonly #component: string;
  readonly #schema: Schema;
  readonly #breather: Breather;
  readonly #held: ReadonlySet<ArrayBufferLike>;
  /** What the slabs keep alive; each counts once, however many slabs share it. */
  readonly #allocations = new Set<ArrayBufferLike>();
  #pending: RecordBatch[] = [];
  #pendingRows = 0;
  #pendingBytes = 0;
  #slabRows = 0;
  #slabBytes = 0;
  /** Those of `#slabBytes` that nobody else holds. */
  #newBytes = 0;

  constructor(target: {
    readonly component: string;
    readonly schema: Schema;
    readonly breather: Breather;
    /** Allocations that are there anyway; default none. */
    readonly held?: ReadonlySet<ArrayBufferLike>;
  }) {
    this.#component = target.component;
    this.#schema = target.schema;
    this.#breather = target.breather;
    this.#held = target.held ?? new Set();
  }

  get rowCount(): number {
    return this.#slabRows + this.#pendingRows;
  }

  /** Bytes of the allocations that the slabs keep alive, and of the rows that are not in one yet. */
  get byteCount(): number {
    return this.#slabBytes + this.#pendingBytes;
  }

  /** As {@link byteCount}, without what is held anyway. */
  get newByteCount(): number {
    return this.#newBytes + this.#pendingBytes;
  }

  /** Adds a batch once the one before has been added. @throws MillraceError `schema_mismatch` for a batch of other columns. */
  async add(batch: RecordBatch): Promise<void> {
    checkColumns(batch, this.#schema, { component: this.#component, connector: 'arrow' });
    if (batch.numRows === 0) return;
    const bytes = spannedBytes(batch.data.children);
    const isFull = this.#pendingRows + batch.numRows > SLAB_ROWS || this.#pendingBytes + bytes > SLAB_BYTES;
    if (isFull || this.#wouldRebuild(batch)) await this.flush();
    this.#pending.push(batch);
    this.#pendingRows += batch.numRows;
    this.#pendingBytes += bytes;
    if (this.#pendingRows >= SLAB_ROWS / 2 && this.#pending.length === 1) await this.flush();
  }

  /** Makes a slab of what has been added since the last one. */
  async flush(): Promise<void> {
    if (this.#pending.length === 0) return;
    const slabs = await this.#join();
    this.slabs.push(...slabs);
    this.#slabRows += this.#pendingRows;
    for (const allocation of allocationsOf(slabs.flatMap(({ data }) => data.children))) {
      if (this.#allocations.has(allocation)) continue;
      this.#allocations.add(allocation);
      this.#slabBytes += allocation.byteLength;
      if (!this.#held.has(allocation)) this.#newBytes += allocation.byteLength;
    }
    this.#pending = [];
    this.#pendingRows = 0;
    this.#pendingBytes = 0;
  }

  async #join(): Promise<readonly RecordBatch[]> {
    const [first] = this.#pending;
    if (this.#pending.length > 1 || !first) return [await joinInTurns(this.#schema, this.#pending, this.#breather)];
    const pinned = [...allocationsOf(first.data.children)].reduce((total, { byteLength }) => total + byteLength, 0);
    if (pinned <= this.#pendingBytes * MAX_PINNED_RATIO || first.numRows < 2)
      return [{ schema: this.#schema, numRows: first.numRows, data: { children: first.data.children } }];
    const slabs: RecordBatch[] = [];
    const rowBytes = Math.max(1, this.#pendingBytes / first.numRows);
    const step = Math.max(2, Math.min(SLAB_ROWS, Math.floor(SLAB_BYTES / rowBytes)));
    for (let start = 0; start < first.numRows; start += step)
      slabs.push(await this.#copy(sliceBatch(first, start, Math.min(start + step, first.numRows))));
    return slabs;
  }

  /** The rows in memory of their own: two parts are joined in new memory, where one would be handed back as it is. */
  #copy(batch: RecordBatch): Promise<RecordBatch> {
    const middle = batch.numRows >> 1;
    const halves = [sliceBatch(batch, 0, middle), sliceBatch(batch, middle, batch.numRows)];
    return joinInTurns(this.#schema, halves, this.#breather);
  }

  /** Whether joining the batch to those before it would rebuild a dictionary, value by value, for many rows. */
  #wouldRebuild(batch: RecordBatch): boolean {
    const last = this.#pending.at(-1);
    if (last === undefined || this.#pendingRows < REBUILD_ROWS) return false;
    return batch.data.children.some((column, ordinal) => hasOtherDictionary(column, last.data.children[ordinal]));
  }
}

function hasOtherDictionary(column: ColumnData, last: ColumnData | undefined): boolean {
  if (column.dictionary !== last?.dictionary) return true;
  return column.children.some((child, ordinal) => hasOtherDictionary(child, last?.children[ordinal]));
}
