import { MillraceError, type TableVersion } from '@millrace/core';
import type { Snapshot } from './snapshot.ts';

/** What a change makes of a snapshot; absent members stay as they were. */
export type NextSnapshot = Partial<Pick<Snapshot, 'shape' | 'epochs'>> &
  Pick<Snapshot, 'chunks' | 'rowCount' | 'changes'>;

/** Keeps versions that a reader of changes has not acknowledged yet. */
export interface HistoryHold {
  /** Versions up to and with this one may be forgotten. */
  acknowledge(version: bigint): void;
  release(): void;
}

/** The versions of one table, of which the last is the current one. Shared by everything that reads or changes the table. */
export interface StoredTable {
  readonly name: string;
  /** How many partitions a scan has at most. */
  readonly partitionCount: number;
  readonly current: Snapshot;
  readonly isDropped: boolean;
  /** The versions that are kept, oldest first, without gaps. */
  readonly history: readonly Snapshot[];
  /** @throws MillraceError `not_found` for a version that never was or is no longer kept. */
  snapshotAt(at: TableVersion): Snapshot;
  /** Reserves identities for rows; consecutive from the one returned. */
  reserveRowIds(count: number): bigint;
  /**
   * Makes a new version, alone: changes wait for each other. `build` may be called again if the table was replaced meanwhile;
   * undefined means that there is nothing to change. Readers see the old version until this resolves.
   */
  change(build: (base: Snapshot) => Promise<NextSnapshot | undefined>): Promise<Snapshot>;
  /** Makes a new version at once, ahead of changes that are under way. */
  publish(next: NextSnapshot): Snapshot;
  /** Calls back after each new version; returns how to stop. */
  subscribe(listener: () => void): () => void;
  /** Gives the table another name in messages. */
  rename(name: string): void;
  /** Marks the table as gone. Plans that hold a version finish; everything else fails with `not_found`. */
  drop(): void;
  holdHistory(from: bigint): HistoryHold;
}

/** What a stored table starts with. */
export interface StoredTableOptions {
  readonly name: string;
  readonly partitionCount: number;
  /** Versions kept for `at` and for readers of changes that come later; at least 1. */
  readonly versionsKept: number;
}

/** Creates a table whose first version is what `first` makes. */
export function createStoredTable(
  { name: firstName, partitionCount, versionsKept }: StoredTableOptions,
  first: (reserveRowIds: StoredTable['reserveRowIds']) => NextSnapshot & Pick<Snapshot, 'shape'>,
): StoredTable {
  let name = firstName;
  let nextRowId = 0n;
  let isDropped = false;
  let queue: Promise<unknown> = Promise.resolve();
  const listeners = new Set<() => void>();
  const holds = new Set<{ acknowledged: bigint }>();
  const reserveRowIds = (count: number): bigint => {
    const reserved = nextRowId;
    nextRowId += BigInt(count);
    return reserved;
  };

  const start = first(reserveRowIds);
  let history: Snapshot[] = [{ epochs: new Map(), ...start, version: 1n, createdAtMicros: nowMicros() }];
  const current = (): Snapshot => history[history.length - 1]!;

  const forget = (): void => {
    let held = current().version;
    for (const hold of holds) if (hold.acknowledged + 1n < held) held = hold.acknowledged + 1n;
    const surplus = Math.max(0, history.length - versionsKept);
    const forgettable = history.slice(0, surplus).findIndex((snapshot) => snapshot.version >= held);
    history = history.slice(forgettable < 0 ? surplus : forgettable);
  };
  const publish = (next: NextSnapshot): Snapshot => {
    const base = current();
    const earliest = base.createdAtMicros + 1n;
    const now = nowMicros();
    history.push({ ...base, ...next, version: base.version + 1n, createdAtMicros: now > earliest ? now : earliest });
    forget();
    for (const listener of [...listeners]) listener();
    return current();
  };

  return {
    get name() {
      return name;
    },
    rename(to) {
      name = to;
    },
    partitionCount,
    get current() {
      return current();
    },
    get isDropped() {
      return isDropped;
    },
    drop() {
      isDropped = true;
      for (const listener of [...listeners]) listener();
    },
    get history() {
      return history;
    },
    reserveRowIds,
    publish,
    snapshotAt(at) {
      const found =
        'version' in at
          ? history.find((snapshot) => String(snapshot.version) === at.version)
          : history.findLast((snapshot) => snapshot.createdAtMicros <= at.timestampMicros);
      if (found !== undefined) return found;
      throw new MillraceError({
        code: 'not_found',
        component: `table ${name}`,
        connector: 'memory',
        message: 'the version asked for never was or is no longer kept',
        hint: `Ask for a version from ${history[0]!.version} to ${current().version}, or keep more of them with versionsKept`,
      });
    },
    change(build) {
      const run = async (): Promise<Snapshot> => {
        for (;;) {
          const base = current();
          const next = await build(base);
          if (isDropped) throw dropped(name);
          if (next === undefined) return base;
          if (current() === base) return publish(next);
        }
      };
      const result = queue.then(run);
      queue = result.catch(() => undefined);
      return result;
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    holdHistory(from) {
      const hold = { acknowledged: from };
      holds.add(hold);
      return {
        acknowledge(version) {
          if (version > hold.acknowledged) hold.acknowledged = version;
          forget();
        },
        release() {
          holds.delete(hold);
          forget();
        },
      };
    },
  };
}

function dropped(name: string): MillraceError {
  return new MillraceError({
    code: 'not_found',
    component: `table ${name}`,
    connector: 'memory',
    message: 'the table was dropped',
    hint: 'Load the table again',
  });
}

/** The clock counts milliseconds; versions made within one are a microsecond apart. */
function nowMicros(): bigint {
  return BigInt(Date.now()) * 1000n;
}
