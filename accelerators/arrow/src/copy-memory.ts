import { isMillraceError, type MemoryHold, MillraceError, type RecordBatch } from '@millrace/core';
import { allocationsOf } from './memory-size.ts';

/** What limits the memory of a copy. */
export interface CopyMemoryParts {
  readonly component: string;
  /** Most bytes of one version; undefined for no bound. */
  readonly maxBytes: number | undefined;
  /** What the host has set aside; undefined where it does not share out memory. */
  readonly hold: MemoryHold | undefined;
}

/** The memory of one copy: the rows that are served, and those of a refresh beside them. Rows that scans still read after a refresh are not known of. */
export class CopyMemory {
  readonly #parts: CopyMemoryParts;
  #servedBytes = 0;

  constructor(parts: CopyMemoryParts) {
    this.#parts = parts;
  }

  /**
   * Asks for what a refresh holds beside the rows that are served.
   *
   * @throws MillraceError `resource_exhausted` where the rows to come are too many, or the host has no more memory.
   */
  async requireRoom(bytes: { readonly beside: number; readonly version: number }): Promise<void> {
    const { component, maxBytes } = this.#parts;
    if (maxBytes !== undefined && bytes.version > maxBytes)
      throw new MillraceError({
        code: 'resource_exhausted',
        component,
        connector: 'arrow',
        message: `the rows take more than the ${maxBytes} bytes that arrow_memory_limit allows; the old rows stay`,
        hint: 'Raise the limit, keep fewer rows or columns with refresh_sql, or use the engine duckdb',
      });
    await this.#hold(this.#servedBytes + bytes.beside);
  }

  /** These rows are all that is held from now on. */
  async serve(byteCount: number): Promise<void> {
    this.#servedBytes = byteCount;
    await this.#hold(byteCount);
  }

  /** Gives everything back. Idempotent. */
  async release(): Promise<void> {
    await this.#parts.hold?.release();
  }

  /** What the user has set aside stays so. */
  async #hold(bytes: number): Promise<void> {
    const { component, hold, maxBytes = 0 } = this.#parts;
    try {
      await hold?.resize(Math.max(bytes, maxBytes));
    } catch (error) {
      if (!isMillraceError(error) || error.code !== 'resource_exhausted') throw error;
      throw new MillraceError({
        code: 'resource_exhausted',
        component,
        connector: 'arrow',
        message: `${error.reason}; the old rows stay`,
        hint: 'Raise runtime.memory_limit, keep fewer rows or columns with refresh_sql, or use the engine duckdb, which needs no memory for all rows',
        retryable: error.retryable,
        cause: error,
      });
    }
  }
}

/** The allocations that batches keep alive. */
export function allocationsOfBatches(batches: readonly RecordBatch[]): ReadonlySet<ArrayBufferLike> {
  const allocations = new Set<ArrayBufferLike>();
  for (const { data } of batches) for (const allocation of allocationsOf(data.children)) allocations.add(allocation);
  return allocations;
}
