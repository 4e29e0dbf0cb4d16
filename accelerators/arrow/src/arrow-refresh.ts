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
import { mergeChanges } from './merge-changes.ts';
import { mergeRows } from './merge-rows.ts';
import { SlabPacker } from './slab-packer.ts';

/** What one refresh works with. */
export interface ArrowRefreshParts {
  readonly component: string;
  readonly schema: Schema;
  readonly maxBytes: number | undefined;
  readonly rules: TableRules;
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
  readonly onEnd: () => void;
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
        this.#requireRoom(this.#byteCount());
      },
      finish: async (): Promise<Json> => {
        requireOpen();
        await turn;
        await packer.flush();
        requireOpen();
        this.#requireRoom(this.#byteCount());
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
      if (!this.#isEnded) this.#end();
    }
  }

  async abort(): Promise<void> {
    if (!this.#isEnded) this.#end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.abort();
  }

  async #nextVersion(breather: Breather): Promise<Omit<Version, 'checkpoint'> & { readonly writtenCount: number }> {
    const { component, schema, rules, old, window, content } = this.#parts;
    const written = this.#finished.flatMap((packer) => packer.slabs);
    const rowCount = sum(this.#finished, (packer) => packer.rowCount);
    const isPlain = content === 'rows' && window.length === 0 && !rules.primaryKey && rules.unique.length === 0;
    if (isPlain) return { batches: written, rowCount, byteCount: this.#byteCount(), writtenCount: rowCount };
    const { kept, added } = await (content === 'changes'
      ? mergeChanges({ schema, rules, old, changes: written, breather })
      : mergeRows({ schema, rules, old, window, written, breather }));
    const packer = new SlabPacker({ component, schema, breather });
    for (const batch of [...kept, ...added]) {
      await packer.add(batch);
      this.#requireRoom(packer.byteCount);
      await breather.breathe();
    }
    await packer.flush();
    this.#requireRoom(packer.byteCount);
    const addedCount = added.reduce((total, { numRows }) => total + numRows, 0);
    const writtenCount = content === 'changes' ? rowCount : addedCount;
    return { batches: packer.slabs, rowCount: packer.rowCount, byteCount: packer.byteCount, writtenCount };
  }

  #end(): void {
    this.#isEnded = true;
    this.#open.clear();
    this.#finished.length = 0;
    this.#parts.onEnd();
  }

  #byteCount(): number {
    return sum([...this.#finished, ...this.#open], (packer) => packer.byteCount);
  }

  #requireRoom(byteCount: number): void {
    const { maxBytes } = this.#parts;
    if (maxBytes === undefined || byteCount <= maxBytes) return;
    throw this.#error(
      'resource_exhausted',
      `the rows take more than the ${maxBytes} bytes that arrow_memory_limit allows; the old rows stay`,
      'Raise the limit, keep fewer rows or columns with refresh_sql, or use the engine duckdb',
    );
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
