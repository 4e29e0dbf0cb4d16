import { MillraceError, type RecordBatch, type RecordBatchStream } from '@millrace/core';
import { classifySqliteError, type Lease, type WorkerPool } from '@millrace/sqlite';

/** How often a common snapshot is tried for while a writer commits in between. */
const ATTEMPTS = 3;
/** A transaction that is kept for a partition nobody reads ends when the group has been idle for so long: it holds up checkpoints. */
const IDLE_MS = 30_000;

type Batches = AsyncGenerator<RecordBatch, void, undefined>;

/** Reads one partition, or the whole table, with a worker whose transaction was begun. */
type ReadPartition = (lease: () => Promise<Lease>, isWhole: boolean) => RecordBatchStream & Batches;

type State =
  /** Every partition has a transaction of its own, and all see one snapshot. */
  | { readonly kind: 'shared'; readonly leases: Map<number, Lease> }
  /** No common snapshot could be had: the partition that came first reads everything, the others are empty. */
  | { readonly kind: 'single'; readonly reader: number; lease: Lease | undefined };

/**
 * The partitions of one scan, which may be read at the same time and must see one snapshot.
 *
 * SQLite shares no snapshot between connections. But `PRAGMA data_version` of a connection changes when, and only when, another one has
 * committed: a connection that reads the same version before and after all others began their transactions proves that they see the same.
 *
 * Source: https://www.sqlite.org/pragma.html#pragma_data_version
 */
export class SnapshotGroup {
  readonly #pool: WorkerPool;
  readonly #component: string;
  readonly #count: number;
  #state: Promise<State> | undefined;
  #readers = 0;
  #idle: NodeJS.Timeout | undefined;

  constructor(pool: WorkerPool, component: string, count: number) {
    this.#pool = pool;
    this.#component = component;
    this.#count = count;
  }

  /** Streams one partition. A partition that is read again after all were read starts a new snapshot with the others. */
  async *read(id: number, signal: AbortSignal, readPartition: ReadPartition): Batches {
    this.#readers++;
    clearTimeout(this.#idle);
    const abandon = (): void => void this.#release();
    signal.addEventListener('abort', abandon, { once: true });
    try {
      this.#state ??= this.#begin(id, signal);
      const state = await this.#state;
      if (state.kind === 'single') {
        if (state.reader !== id) return;
        const { lease } = state;
        state.lease = undefined;
        yield* readPartition(lease ? async () => lease : () => this.#pool.lease(this.#component, signal), true);
        return;
      }
      const lease = state.leases.get(id);
      if (lease === undefined) throw this.#lostSnapshot();
      state.leases.delete(id);
      if (state.leases.size === 0) this.#state = undefined;
      yield* readPartition(async () => lease, false);
    } finally {
      signal.removeEventListener('abort', abandon);
      if (--this.#readers === 0) this.#idle = setTimeout(abandon, IDLE_MS).unref();
    }
  }

  async #begin(first: number, signal: AbortSignal): Promise<State> {
    const leases: Lease[] = [];
    const releaseAll = (): Promise<unknown> => Promise.all(leases.splice(0).map((lease) => lease.release()));
    try {
      if (this.#pool.freeCount >= this.#count) {
        for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
          for (let index = 0; index < this.#count; index++)
            leases.push(await this.#pool.lease(this.#component, signal));
          if (await beginTogether(leases)) {
            return { kind: 'shared', leases: new Map(leases.map((lease, index) => [index, lease])) };
          }
          await releaseAll();
        }
      }
      return { kind: 'single', reader: first, lease: await this.#pool.lease(this.#component, signal) };
    } catch (error) {
      await releaseAll();
      this.#state = undefined;
      throw classifySqliteError(error, { component: this.#component, file: this.#pool.path });
    }
  }

  /** Ends the transactions that nobody has taken. */
  async #release(): Promise<void> {
    const state = await this.#state?.catch(() => undefined);
    if (state === undefined) return;
    const leases = state.kind === 'shared' ? [...state.leases.values()] : state.lease ? [state.lease] : [];
    if (state.kind === 'shared') state.leases.clear();
    else state.lease = undefined;
    await Promise.all(leases.map((lease) => lease.release()));
  }

  #lostSnapshot(): MillraceError {
    return new MillraceError({
      code: 'conflict',
      component: this.#component,
      connector: 'sqlite',
      message: 'the snapshot that the partitions of this scan share is gone',
      hint: 'Run the scan again',
      retryable: true,
    });
  }
}

/** Begins a transaction on every connection; false where another connection committed in between. */
async function beginTogether(leases: readonly Lease[]): Promise<boolean> {
  const [watcher, ...others] = leases.map(({ client }) => client);
  const version = async (): Promise<unknown> => {
    const [rows] = await watcher!.rows([{ sql: 'PRAGMA data_version', parameters: [] }]);
    return rows?.[0]?.[0];
  };
  const before = await version();
  await Promise.all(others.map((client) => client.request({ kind: 'begin' })));
  await watcher!.request({ kind: 'begin' });
  return (await version()) === before;
}
