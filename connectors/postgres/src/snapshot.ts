import { MillraceError } from '@millrace/core';
import type { PostgresClient, Session, UseRequest } from '@millrace/postgres';

/** How long a snapshot waits for partitions that nobody reads. */
const IDLE_MS = 30_000;

/** What the partitions of one plan share. */
export interface SnapshotRequest {
  readonly client: PostgresClient;
  readonly component: string;
  /** Ids of the partitions that belong together. */
  readonly partitionIds: readonly number[];
}

/** The right to read under a snapshot. */
export interface SnapshotUse {
  /** Statement that begins a transaction which sees the snapshot. */
  readonly begin: string;
  /** `complete`: the partition was read to its end. */
  readonly end: (outcome: 'complete' | 'incomplete') => void;
}

/**
 * The snapshot that all partitions of a plan read. It is taken when the first partition is read and exported by a transaction that stays
 * open on a connection of its own until every partition has been read once, or nobody has read any for half a minute; a plan that
 * is read again as a whole then takes another one.
 *
 * Source: https://www.postgresql.org/docs/current/functions-admin.html, `pg_export_snapshot`.
 */
export class Snapshot {
  readonly #request: SnapshotRequest;
  readonly #remaining: Set<number> = new Set();
  #holder: Promise<{ readonly session: Session; readonly id: string }> | undefined;
  #userCount = 0;
  #isAbandoned = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(request: SnapshotRequest) {
    this.#request = request;
  }

  /**
   * Joins the snapshot for one partition.
   *
   * @throws MillraceError `conflict` when other partitions were read under a snapshot that has been given up meanwhile.
   */
  async use(partitionId: number, use: Omit<UseRequest, 'begin'>): Promise<SnapshotUse> {
    const { component, partitionIds } = this.#request;
    if (this.#isAbandoned) {
      throw new MillraceError({
        code: 'conflict',
        component,
        connector: 'postgres',
        message: 'the snapshot of the scan was given up, as no partition was read for a while',
        hint: 'Plan the scan again, and read its partitions without long pauses',
        retryable: true,
      });
    }
    if (this.#holder === undefined) {
      for (const id of partitionIds) this.#remaining.add(id);
      this.#holder = this.#export(use);
    }
    clearTimeout(this.#timer);
    this.#userCount += 1;
    try {
      const { id } = await this.#holder;
      return {
        begin: `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET TRANSACTION SNAPSHOT '${id}'`,
        end: (outcome) => {
          if (outcome === 'complete') this.#remaining.delete(partitionId);
          this.#leave();
        },
      };
    } catch (error) {
      this.#holder = undefined;
      this.#leave();
      throw error;
    }
  }

  async #export(use: Omit<UseRequest, 'begin'>): Promise<{ readonly session: Session; readonly id: string }> {
    const session = await this.#request.client.openExtra({
      ...use,
      begin: 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY',
    });
    try {
      const [row] = await session.rows<{ readonly id: string }>('SELECT pg_export_snapshot() AS id', []);
      return { session, id: row!.id };
    } catch (error) {
      session.end('destroy');
      throw error;
    }
  }

  #leave(): void {
    this.#userCount -= 1;
    if (this.#userCount > 0 || this.#holder === undefined) return;
    if (this.#remaining.size === 0) {
      this.#release();
      return;
    }
    this.#timer = setTimeout(() => this.#giveUp(), IDLE_MS);
    this.#timer.unref();
  }

  #release(): void {
    const holder = this.#holder;
    this.#holder = undefined;
    holder?.then(({ session }) => session.end('destroy')).catch(() => undefined);
  }

  /** Gives the snapshot up at once: the reader has gone. */
  abandon(): void {
    if (this.#userCount > 0 || this.#holder === undefined) return;
    clearTimeout(this.#timer);
    this.#giveUp();
  }

  /** Where no partition was read to its end, a later reader may as well begin with another snapshot. */
  #giveUp(): void {
    this.#isAbandoned = this.#remaining.size < this.#request.partitionIds.length;
    this.#release();
  }
}
