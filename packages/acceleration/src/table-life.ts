import type { AcceleratedRefresh, RefreshRequest, RefreshSession, WriteMode } from '@millrace/core';
import { createRefuse, type Origin, type Refuse } from './refuse.ts';

/** What kind of table it is. */
export interface TableLifeParts extends Origin {
  /** What the factory lists: ways of refreshing that the table knows. */
  readonly refreshModes: readonly AcceleratedRefresh[];
}

const WRITE_MODES: Readonly<Record<AcceleratedRefresh, WriteMode['kind']>> = {
  full: 'overwrite',
  append: 'overwrite_where',
  changes: 'changes',
};

/** The life of an accelerated table: it is open until it is closed, has one refresh at a time, and its columns change by one alone. */
export class TableLife {
  readonly #refreshModes: readonly AcceleratedRefresh[];
  readonly #refuse: Refuse;
  readonly #closing: AbortController = new AbortController();
  /** Rises when the columns have changed. */
  #epoch = 0;
  /** While a refresh makes the columns others. */
  #change: Change | undefined;
  #refresh: Promise<RefreshSession> | undefined;
  #closed: Promise<void> | undefined;

  constructor(parts: TableLifeParts) {
    this.#refreshModes = parts.refreshModes;
    this.#refuse = createRefuse(parts);
  }

  /** Aborts when the table is closed. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /** @throws MillraceError `invalid_state` once the table is closed. */
  requireOpen(): void {
    if (this.#closing.signal.aborted)
      throw this.#refuse('invalid_state', 'the accelerated table is closed', 'Create it again');
  }

  /**
   * Says that the columns are about to be others; called before readers can see them. Ends with {@link endChange}, or with the refresh where
   * nothing came of it.
   */
  beginChange(): void {
    this.#change ??= startChange();
  }

  /** Says that the columns are others now; called as soon as scans are planned over these. */
  endChange(): void {
    this.#epoch += 1;
    this.#settleChange();
  }

  /**
   * Gives what throws `conflict` where the columns may be other ones than now. While they change it waits: until the commit has ended nobody
   * knows which a statement has read.
   */
  columnsGuard(): () => Promise<void> {
    const epoch = this.#epoch;
    return async () => {
      await this.#change?.settled;
      if (epoch !== this.#epoch)
        throw this.#refuse('conflict', 'its columns have changed since the scan was planned', 'Plan it again');
    };
  }

  /**
   * Begins a refresh, unless one is running.
   *
   * @param begin is given what the refresh calls once it has ended.
   * @throws MillraceError `invalid_state` for a closed table, `unsupported` for a mode that the table does not know and for new columns beside
   * old rows, `conflict` while another refresh runs, and what `begin` throws.
   */
  async beginRefresh<Session extends RefreshSession>(
    { mode, redefine }: RefreshRequest,
    begin: (onEnd: () => void) => Promise<Session>,
  ): Promise<Session> {
    this.requireOpen();
    if (!this.#refreshModes.some((known) => WRITE_MODES[known] === mode.kind))
      throw this.#refuse('unsupported', `a refresh cannot ${mode.kind} rows`, `Use ${this.#refreshModes.join(' or ')}`);
    if (redefine && mode.kind !== 'overwrite')
      throw this.#refuse('unsupported', 'a refresh that keeps rows cannot change the columns', 'Refresh in full');
    if (this.#refresh) throw this.#refuse('conflict', 'a refresh is running already', 'Wait until it has ended');
    const forget = (): void => {
      this.#refresh = undefined;
      this.#settleChange();
    };
    const refresh = begin(forget);
    this.#refresh = refresh;
    try {
      return await refresh;
    } catch (error) {
      forget();
      throw error;
    }
  }

  /** Aborts a refresh that runs, and then lets go what the table holds. Idempotent: whoever calls later waits for the first. */
  close(release?: () => Promise<void>): Promise<void> {
    this.#closed ??= this.#close(release);
    return this.#closed;
  }

  #settleChange(): void {
    this.#change?.settle();
    this.#change = undefined;
  }

  async #close(release: (() => Promise<void>) | undefined): Promise<void> {
    this.#closing.abort();
    const refresh = await this.#refresh?.catch(() => undefined);
    await refresh?.abort();
    await release?.();
  }
}

interface Change {
  readonly settled: Promise<void>;
  readonly settle: () => void;
}

function startChange(): Change {
  let settle = (): void => undefined;
  const settled = new Promise<void>((resolve) => {
    settle = resolve;
  });
  return { settled, settle };
}
