import type { DuckDbConnection, DuckDbDatabase } from '@millrace/duckdb';
import { quoteIdentifier } from '@millrace/duckdb';
import { BlockJournal } from './block-journal.ts';
import { createCheckpointTable } from './checkpoint-table.ts';
import { holdFile, letFileGo } from './file-descriptors.ts';

const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 5_000;
/** After a checkpoint that broke off: the cause passes slowly, and another such attempt interrupts readers. */
const BROKEN_RETRY_MS = 60_000;

/** Where a catalog lives. */
export interface CatalogPlace {
  readonly database: DuckDbDatabase;
  readonly alias: string;
  /** Real path of the file; undefined in memory. */
  readonly file: string | undefined;
}

/** An attached database that holds the tables of one or several accelerated datasets. */
export class Catalog {
  readonly database: DuckDbDatabase;
  readonly alias: string;
  readonly file: string | undefined;
  readonly #journal: BlockJournal | undefined;
  #changes: Promise<unknown> = Promise.resolve();
  #checkpoint: Promise<void> = Promise.resolve();
  #retry: NodeJS.Timeout | undefined;
  #isClosed = false;

  private constructor({ database, alias, file }: CatalogPlace, journal: BlockJournal | undefined) {
    this.database = database;
    this.alias = alias;
    this.file = file;
    this.#journal = journal;
  }

  /** Attaches the database and makes it ready for datasets. */
  static async open(place: CatalogPlace): Promise<Catalog> {
    const { file } = place;
    if (file === undefined) {
      await attach(place);
      return new Catalog(place, undefined);
    }
    await holdFile(file);
    try {
      const journal = new BlockJournal(file);
      await journal.restore(place.database, place.alias);
      await attach(place);
      return new Catalog(place, journal);
    } catch (error) {
      await letFileGo(file);
      throw error;
    }
  }

  /** Runs one change of definitions at a time: two transactions that define in one place conflict. */
  change<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#changes.then(work);
    this.#changes = done.catch(() => undefined);
    return done;
  }

  /** Runs work in one transaction of a connection of its own, as {@link change}; a failure rolls it back. */
  transaction<T>(work: (connection: DuckDbConnection) => Promise<T>): Promise<T> {
    return this.change(() =>
      this.database.withConnection(async (connection) => {
        await connection.run('BEGIN TRANSACTION');
        const result = await work(connection);
        await connection.run('COMMIT');
        return result;
      }),
    );
  }

  /**
   * Writes the log into the file, so that the space of dropped versions is used again; tried later where readers of an old version
   * or another refresh are in the way. Never forced: that would lock new readers out until a paused one goes on.
   */
  checkpoint(): Promise<void> {
    if (this.file === undefined || this.#isClosed) return Promise.resolve();
    clearTimeout(this.#retry);
    return this.#tryCheckpoint(FIRST_RETRY_MS);
  }

  /** Writes the log into the file if possible, and lets the database go; queries that run keep what they read. Idempotent. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    clearTimeout(this.#retry);
    this.#isClosed = true;
    await this.#changes;
    await this.#checkpoint;
    if (this.file !== undefined) await this.#runCheckpoint();
    // A host that has closed its engine has let the database go as well.
    await this.database.detach(this.alias).catch(() => undefined);
    if (this.file !== undefined) await letFileGo(this.file);
  }

  #tryCheckpoint(retryMs: number): Promise<void> {
    this.#checkpoint = this.#checkpoint.then(async () => {
      if (this.#isClosed) return;
      const outcome = await this.#runCheckpoint();
      if (outcome === 'done' || this.#isClosed) return;
      clearTimeout(this.#retry);
      const delayMs = outcome === 'broken' ? BROKEN_RETRY_MS : retryMs;
      this.#retry = setTimeout(() => void this.#tryCheckpoint(Math.min(retryMs * 2, LAST_RETRY_MS)), delayMs);
      this.#retry.unref();
    });
    return this.#checkpoint;
  }

  async #runCheckpoint(): Promise<'done' | 'in_the_way' | 'broken'> {
    try {
      // Without room for the journal there is most often none for a checkpoint, which is what makes room.
      await this.#journal?.save(this.database, this.alias).catch(() => undefined);
      await this.database.withConnection((connection) => connection.run(`CHECKPOINT ${quoteIdentifier(this.alias)}`));
      await this.#journal?.clear();
      return 'done';
    } catch {
      // Whatever the reason, the log keeps every row; only its space is not free yet.
      return (await this.#reviveIfDead()) ? 'broken' : 'in_the_way';
    }
  }

  /**
   * Attaches the database again if nothing can be read from it any more, which is what DuckDB makes of a checkpoint that broke off halfway, as on
   * a full disk. Where that is not possible now, it is tried again with the next checkpoint. Views elsewhere find the database under its alias.
   * @returns whether it was dead, and is there again.
   */
  async #reviveIfDead(): Promise<boolean> {
    const { database, alias, file } = this;
    if (file === undefined) return false;
    const probe = `SELECT 1 FROM ${quoteIdentifier(alias)}.main.__millrace_checkpoint LIMIT 1`;
    try {
      await database.withConnection((connection) => connection.rows(probe));
      return false;
    } catch {
      await database.detach(alias).catch(() => undefined);
      try {
        await this.#journal?.restore(database, alias);
        await database.attach({ path: file, alias });
        return true;
      } catch {
        return false;
      }
    }
  }
}

/** Attaches a database that has a table of checkpoints from then on. */
async function attach({ database, alias, file }: CatalogPlace): Promise<void> {
  await database.attach({ path: file ?? ':memory:', alias });
  try {
    await database.withConnection((connection) => createCheckpointTable(connection, alias));
  } catch (error) {
    await database.detach(alias).catch(() => undefined);
    throw error;
  }
}
