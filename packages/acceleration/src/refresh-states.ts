import { type BatchWriter, cancelledError, type MillraceError } from '@millrace/core';
import { LoadWriter, type RowSink } from './load-writer.ts';
import { createRefuse, type Origin, type Refuse } from './refuse.ts';

/**
 * How far a refresh is. `empty`: nothing was loaded yet; `loading`: rows are on their way; `loaded`: they are all there, and can be committed;
 * `spoiled`: only a part of them is there, or a commit failed, and they have to be loaded anew; `committing`; `ended`: committed or aborted.
 */
export type RefreshPhase = 'empty' | 'loading' | 'loaded' | 'spoiled' | 'committing' | 'ended';

/** What was there before a load: nothing, or a part of other rows, which have to go first. */
export type LoadStart = 'empty' | 'spoiled';

/** Whom a refresh belongs to. */
export interface RefreshStatesParts extends Origin {
  readonly signal: AbortSignal;
  /** Called once, when the refresh has been committed or aborted and holds nothing any more. */
  readonly onEnd: () => void;
}

/**
 * The states of one refresh: it takes the rows of one writer or of one native load, again if that fails, commits them once, and ends once. What
 * loading, committing and ending mean is the engine's, and given with each call.
 */
export class RefreshStates {
  readonly #parts: RefreshStatesParts;
  readonly #refuse: Refuse;
  #phase: RefreshPhase = 'empty';
  #loadedCount = 0n;
  #writer: LoadWriter | undefined;
  #preparing: Promise<void> | undefined;
  #ending: Promise<void> | undefined;

  constructor(parts: RefreshStatesParts) {
    this.#parts = parts;
    this.#refuse = createRefuse(parts);
  }

  get phase(): RefreshPhase {
    return this.#phase;
  }

  /**
   * Opens the writer of the refresh. A refresh that ends before its writer does discards it.
   *
   * @param prepare makes the target empty.
   * @param open gives what takes the rows.
   * @throws MillraceError `invalid_state` for a second writer and after the end, `cancelled`, and what `prepare` and `open` throw.
   */
  async writer(prepare: (start: LoadStart) => Promise<void>, open: () => RowSink): Promise<BatchWriter> {
    const start = this.#beginLoad();
    try {
      this.#preparing = prepare(start);
      await this.#preparing;
      // It may have been ended meanwhile, and then holds nothing to write with.
      if (this.#ending) throw this.#ended();
      this.#writer = new LoadWriter(open(), { ...this.#parts, onEnd: (rowCount) => this.#endLoad(rowCount) });
      return this.#writer;
    } catch (error) {
      this.#endLoad(undefined);
      throw error;
    }
  }

  /**
   * Loads rows without a writer.
   *
   * @param work makes the target empty and loads; gives the count of rows, or undefined where it cannot: then a writer may.
   * @throws MillraceError as {@link writer} does, and what `work` throws.
   */
  async load(work: (start: LoadStart) => Promise<bigint | undefined>): Promise<bigint | undefined> {
    const start = this.#beginLoad();
    let rowCount: bigint | undefined;
    try {
      rowCount = await work(start);
      return rowCount;
    } finally {
      this.#endLoad(rowCount);
    }
  }

  /**
   * Commits what was loaded. When that fails, the rows have to be loaded anew, unless the refresh was ended.
   *
   * @throws MillraceError `invalid_state` where no rows were loaded and after the end, `cancelled`, and what `work` throws.
   */
  async commit<Result>(work: (loadedCount: bigint) => Promise<Result>): Promise<Result> {
    const { component, signal } = this.#parts;
    if (this.#phase === 'committing' || this.#phase === 'ended') throw this.#ended();
    if (this.#phase !== 'loaded')
      throw this.#refuse(
        'invalid_state',
        'a refresh was committed before its rows were written',
        'Finish the writer first',
      );
    if (signal.aborted) throw cancelledError(component, signal);
    this.#phase = 'committing';
    try {
      const result = await work(this.#loadedCount);
      this.#phase = 'ended';
      return result;
    } catch (error) {
      // While it failed it may have been ended.
      if ((this.#phase as RefreshPhase) === 'committing') this.#phase = 'spoiled';
      throw error;
    }
  }

  /**
   * Ends the refresh, committed or not: waits for the preparation of a writer, discards it, and lets go what it holds. Idempotent: whoever
   * calls later waits for the first.
   *
   * @param release takes back what was not committed, and frees what the refresh holds; told how far the refresh was.
   */
  end(release: (from: RefreshPhase) => Promise<void>, reason?: unknown): Promise<void> {
    this.#ending ??= this.#end(release, reason);
    return this.#ending;
  }

  async #end(release: (from: RefreshPhase) => Promise<void>, reason: unknown): Promise<void> {
    const from = this.#phase;
    this.#phase = 'ended';
    try {
      // Else it would go on with what is released, which somebody else may hold by then.
      await this.#preparing?.catch(() => undefined);
      await this.#writer?.discard(reason);
    } finally {
      try {
        await release(from);
      } finally {
        this.#parts.onEnd();
      }
    }
  }

  #beginLoad(): LoadStart {
    const { component, signal } = this.#parts;
    if (signal.aborted) throw cancelledError(component, signal);
    const phase = this.#phase;
    switch (phase) {
      case 'empty':
      case 'spoiled':
        this.#phase = 'loading';
        return phase;
      case 'loading':
      case 'loaded':
        throw this.#refuse('invalid_state', 'a refresh takes the rows of one writer', 'Write all of them with it');
      case 'committing':
      case 'ended':
        throw this.#ended();
      default:
        return phase satisfies never;
    }
  }

  #endLoad(rowCount: bigint | undefined): void {
    if (this.#phase !== 'loading') return;
    this.#phase = rowCount === undefined ? 'spoiled' : 'loaded';
    this.#loadedCount = rowCount ?? 0n;
  }

  #ended(): MillraceError {
    return this.#refuse('invalid_state', 'the refresh has ended', 'Begin another one');
  }
}
