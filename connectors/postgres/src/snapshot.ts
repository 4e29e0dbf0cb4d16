import { MillraceError } from '@millrace/core';
import { type PostgresClient, type Session, type UseRequest, untilAborted } from '@millrace/postgres';

/** How long a snapshot waits for partitions that nobody reads. */
const IDLE_MS = 30_000;
const BEGIN = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY';
/** The transaction that exports the snapshot does nothing but wait, and is not to be ended for it. */
const UNLIMITED =
  "SELECT set_config(name, '0', true) FROM pg_catalog.pg_settings WHERE name IN ('idle_in_transaction_session_timeout', 'transaction_timeout')";
/** How servers before 17 say that a snapshot is not there; later ones say undefined_object. */
const INVALID_PARAMETER_VALUE = '22023';

/** What the partitions of one plan share. */
export interface SnapshotRequest {
  readonly client: PostgresClient;
  readonly component: string;
  /** Ids of the partitions that belong together. */
  readonly partitionIds: readonly number[];
}

/** The transaction that exports a snapshot. */
interface Holder {
  readonly session: Session;
  readonly id: string;
}

/** The right to read under a snapshot. */
export interface SnapshotUse {
  /**
   * Checks a connection out of the pool, in a transaction that sees the snapshot.
   *
   * @throws MillraceError as `PostgresClient.open`, and `conflict` for a snapshot that is gone.
   */
  readonly open: () => Promise<Session>;
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
  #holder: Promise<Holder> | undefined;
  #session: Session | undefined;
  #userCount = 0;
  #isAbandoned = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(request: SnapshotRequest) {
    this.#request = request;
  }

  /**
   * Joins the snapshot for one partition.
   *
   * @throws MillraceError `conflict` when other partitions were read under a snapshot that has been given up or lost meanwhile.
   */
  async use(partitionId: number, use: Omit<UseRequest, 'begin'>): Promise<SnapshotUse> {
    const { partitionIds } = this.#request;
    clearTimeout(this.#timer);
    if (this.#session?.isLost) this.#giveUp();
    if (this.#isAbandoned) throw this.#gone();
    if (this.#holder === undefined) {
      for (const id of partitionIds) this.#remaining.add(id);
      this.#holder = this.#export();
    }
    this.#userCount += 1;
    try {
      const { id } = await untilAborted({ promise: this.#holder, signal: use.signal });
      return {
        open: () => this.#open(id, use),
        end: (outcome) => {
          if (outcome === 'complete') this.#remaining.delete(partitionId);
          this.#leave();
        },
      };
    } catch (error) {
      this.#leave();
      if (use.signal.aborted) this.abandon();
      throw error;
    }
  }

  /** Whoever's partition comes first: the snapshot is of all, and ends with the client or with {@link abandon}. */
  #export(): Promise<Holder> {
    const holder = this.#openHolder();
    holder.then(
      ({ session }) => {
        if (this.#holder === holder) this.#session = session;
      },
      () => {
        if (this.#holder === holder) this.#holder = undefined;
      },
    );
    return holder;
  }

  async #openHolder(): Promise<Holder> {
    const { client, component } = this.#request;
    const signal = client.closing;
    const session = await client.openExtra({ component, signal, begin: `${BEGIN}; ${UNLIMITED}` });
    try {
      const [row] = await session.rows<{ readonly id: string }>('SELECT pg_export_snapshot() AS id', []);
      return { session, id: row!.id };
    } catch (error) {
      session.end('destroy');
      throw error;
    }
  }

  async #open(id: string, use: Omit<UseRequest, 'begin'>): Promise<Session> {
    try {
      return await this.#request.client.open({ ...use, begin: `${BEGIN}; SET TRANSACTION SNAPSHOT '${id}'` });
    } catch (error) {
      const { cause } = error as { readonly cause?: { readonly code?: unknown } };
      if (cause?.code !== INVALID_PARAMETER_VALUE) throw error;
      throw this.#gone(error);
    }
  }

  #gone(cause?: unknown): MillraceError {
    return new MillraceError({
      code: 'conflict',
      component: this.#request.component,
      connector: 'postgres',
      message: 'the snapshot of the scan is gone: the server ended it, or no partition was read for a while',
      hint: 'Plan the scan again, and read its partitions without long pauses',
      retryable: true,
      cause,
    });
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
    this.#session = undefined;
    holder?.then(({ session }) => session.end('destroy')).catch(() => undefined);
  }

  /** Gives the snapshot up at once: the reader has gone. */
  abandon(): void {
    if (this.#userCount > 0 || this.#holder === undefined) return;
    clearTimeout(this.#timer);
    this.#giveUp();
  }

  /** Where no partition was read to its end, or is being read, a later reader may as well begin with another snapshot. */
  #giveUp(): void {
    this.#isAbandoned = this.#userCount > 0 || this.#remaining.size < this.#request.partitionIds.length;
    this.#release();
  }
}
