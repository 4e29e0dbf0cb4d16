import {
  type BatchWriter,
  cancelledError,
  type Json,
  MillraceError,
  type RefreshSession,
  type Schema,
  type WriteResult,
} from '@millrace/core';
import type { Version } from './arrow-table.ts';
import { SlabPacker } from './slab-packer.ts';

/** What one refresh works with. */
export interface ArrowRefreshParts {
  readonly component: string;
  readonly schema: Schema;
  readonly maxBytes: number | undefined;
  readonly signal: AbortSignal;
  /** Puts the rows in the place of the old ones. */
  readonly publish: (loaded: Omit<Version, 'checkpoint'>, checkpoint: NewCheckpoint) => void;
  /** Called once, when the refresh has been committed or aborted. */
  readonly onEnd: () => void;
}

/** What the caller of a commit knows of the checkpoint. */
export type NewCheckpoint = Parameters<RefreshSession['commit']>[0];

/** One full refresh: rows are collected beside the old ones and published by one assignment. */
export class ArrowRefresh implements RefreshSession {
  readonly #parts: ArrowRefreshParts;
  /** The rows of finished writers, in the order in which they finished. */
  readonly #finished: SlabPacker[] = [];
  readonly #open = new Set<SlabPacker>();
  #isEnded = false;

  constructor(parts: ArrowRefreshParts) {
    this.#parts = parts;
  }

  async writer(): Promise<BatchWriter> {
    this.#requireRunning();
    const { component, schema, signal } = this.#parts;
    const packer = new SlabPacker({ component, schema });
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
        packer.add(batch);
        this.#checkLimit();
      },
      finish: async (): Promise<Json> => {
        requireOpen();
        packer.flush();
        this.#checkLimit();
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
    const batches = this.#finished.flatMap((packer) => packer.slabs);
    const rowCount = sum(this.#finished, (packer) => packer.rowCount);
    publish({ batches, rowCount, byteCount: this.#byteCount() }, checkpoint);
    this.#end();
    return { rowCount: BigInt(rowCount) };
  }

  async abort(): Promise<void> {
    if (!this.#isEnded) this.#end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.abort();
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

  #checkLimit(): void {
    const { maxBytes } = this.#parts;
    if (maxBytes === undefined || this.#byteCount() <= maxBytes) return;
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
