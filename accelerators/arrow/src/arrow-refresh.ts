import { type Breather, checkChanges, createBreather, type Predicate } from '@millrace/arrow';
import {
  type BatchWriter,
  cancelledError,
  changeSchema,
  type Json,
  MillraceError,
  type RecordBatch,
  type RefreshSession,
  type Schema,
  type WriteResult,
} from '@millrace/core';
import type { Version } from './arrow-table.ts';
import type { TableRules } from './conflict-rule.ts';
import { allocationsOfBatches, type CopyMemory } from './copy-memory.ts';
import { mergeChanges } from './merge-changes.ts';
import { type MergedRows, mergeRows } from './merge-rows.ts';
import type { OrderKey } from './row-order.ts';
import { SlabPacker } from './slab-packer.ts';
import { sortRows } from './sort-rows.ts';

/** What one refresh works with. */
export interface ArrowRefreshParts {
  readonly component: string;
  readonly schema: Schema;
  readonly memory: CopyMemory;
  readonly rules: TableRules;
  /** By what written rows are ordered; empty leaves them as they come. */
  readonly order: readonly OrderKey[];
  /** The rows that are there. */
  readonly old: readonly RecordBatch[];
  /** An old row for which all of them are TRUE gives way; with none of them every row does. */
  readonly window: readonly Predicate[];
  /** What is written: rows, or changes of them, which name by a whole primary key the rows that give way. */
  readonly content: 'rows' | 'changes';
  readonly signal: AbortSignal;
  /** Puts the rows in the place of the old ones. */
  readonly publish: (loaded: Omit<Version, 'checkpoint'>, checkpoint: NewCheckpoint) => void;
  /** Called once, when the refresh has been committed or aborted. */
  readonly onEnd: () => Promise<void>;
}

/** What the caller of a commit knows of the checkpoint. */
export type NewCheckpoint = Parameters<RefreshSession['commit']>[0];

/** One refresh: rows are collected beside the old ones, and the next version is made of both and published by one assignment. */
export class ArrowRefresh implements RefreshSession {
  readonly #parts: ArrowRefreshParts;
  /** The rows of finished writers, in the order in which they finished. */
  readonly #finished: SlabPacker[] = [];
  readonly #open = new Set<SlabPacker>();
  #isCommitting = false;
  #isEnded = false;

  constructor(parts: ArrowRefreshParts) {
    this.#parts = parts;
  }

  async writer(): Promise<BatchWriter> {
    this.#requireRunning();
    const { component, schema, signal, content, rules } = this.#parts;
    const columns = content === 'changes' ? changeSchema(schema) : schema;
    const packer = new SlabPacker({ component, schema: columns, breather: createBreather(component, signal) });
    let turn: Promise<void> = Promise.resolve();
    this.#open.add(packer);
    const discard = async (): Promise<void> => {
      this.#open.delete(packer);
    };
    const requireOpen = (): void => {
      this.#requireRunning();
      if (signal.aborted) throw cancelledError(component, signal);
      if (!this.#open.has(packer)) throw this.#error('invalid_state', 'the writer has ended', 'Open another one');
    };
    return {
      write: async (batch) => {
        requireOpen();
        if (content === 'changes')
          checkChanges(batch, { component, connector: 'arrow', schema, key: rules.primaryKey?.ordinals ?? [] });
        turn = turn.then(() => packer.add(batch));
        await turn;
        await this.#requireRoom(this.#byteCount());
      },
      finish: async (): Promise<Json> => {
        requireOpen();
        await turn;
        await packer.flush();
        await this.#requireRoom(this.#byteCount());
        requireOpen();
        this.#open.delete(packer);
        this.#finished.push(packer);
        return { rowCount: packer.rowCount };
      },
      [Symbol.asyncDispose]: discard,
    };
  }

  async commit(checkpoint: NewCheckpoint): Promise<WriteResult> {
    this.#requireRunning();
    const { component, signal, publish } = this.#parts;
    if (signal.aborted) throw cancelledError(component, signal);
    if (this.#open.size > 0 || this.#finished.length === 0)
      throw this.#error('invalid_state', 'a refresh was committed before its rows were written', 'Finish the writer');
    if (this.#isCommitting) throw this.#error('invalid_state', 'the refresh is being committed', 'Commit once');
    this.#isCommitting = true;
    try {
      const breather = createBreather(component, signal);
      const { writtenCount, ...loaded } = await this.#nextVersion(breather);
      this.#requireRunning();
      publish(loaded, checkpoint);
      return { rowCount: BigInt(writtenCount) };
    } finally {
      if (!this.#isEnded) await this.#end();
    }
  }

  async abort(): Promise<void> {
    if (!this.#isEnded) await this.#end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.abort();
  }

  async #nextVersion(breather: Breather): Promise<Omit<Version, 'checkpoint'> & { readonly writtenCount: number }> {
    const { component, schema, rules, order, window, content } = this.#parts;
    const written = this.#finished.flatMap((packer) => packer.slabs);
    const rowCount = sum(this.#finished, (packer) => packer.rowCount);
    const isPlain = content === 'rows' && window.length === 0 && !rules.primaryKey && rules.unique.length === 0;
    if (isPlain && order.length === 0)
      return { batches: written, rowCount, byteCount: this.#byteCount(), writtenCount: rowCount };
    const { kept, added } = isPlain ? { kept: [], added: written } : await this.#merge(written, breather);
    const held = allocationsOfBatches([...this.#parts.old, ...written]);
    const packer = new SlabPacker({ component, schema, breather, held });
    const add = async (batch: RecordBatch): Promise<void> => {
      await packer.add(batch);
      await this.#requireRoom(this.#byteCount() + packer.newByteCount, packer.byteCount);
      await breather.breathe();
    };
    for (const batch of kept) await add(batch);
    for await (const batch of sortRows({ schema, batches: added, order, breather })) await add(batch);
    await packer.flush();
    await this.#requireRoom(this.#byteCount() + packer.newByteCount, packer.byteCount);
    const addedCount = added.reduce((total, { numRows }) => total + numRows, 0);
    const writtenCount = content === 'changes' ? rowCount : addedCount;
    return { batches: packer.slabs, rowCount: packer.rowCount, byteCount: packer.byteCount, writtenCount };
  }

  #merge(written: readonly RecordBatch[], breather: Breather): Promise<MergedRows> {
    const { schema, rules, old, window, content } = this.#parts;
    return content === 'changes'
      ? mergeChanges({ schema, rules, old, changes: written, breather })
      : mergeRows({ schema, rules, old, window, written, breather });
  }

  async #end(): Promise<void> {
    this.#isEnded = true;
    this.#open.clear();
    this.#finished.length = 0;
    await this.#parts.onEnd();
  }

  #byteCount(): number {
    return sum([...this.#finished, ...this.#open], (packer) => packer.byteCount);
  }

  /** Bytes of the refresh beside the old rows, and those of them that the next version has. */
  #requireRoom(beside: number, version: number = beside): Promise<void> {
    return this.#parts.memory.requireRoom({ beside, version });
  }

  #requireRunning(): void {
    if (this.#isEnded) throw this.#error('invalid_state', 'the refresh has ended', 'Begin another one');
  }

  #error(code: MillraceError['code'], message: string, hint: string): MillraceError {
    return new MillraceError({ code, component: this.#parts.component, connector: 'arrow', message, hint });
  }
}

function sum(packers: readonly SlabPacker[], of: (packer: SlabPacker) => number): number {
  return packers.reduce((total, packer) => total + of(packer), 0);
}
