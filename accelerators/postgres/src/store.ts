import { MillraceError } from '@millrace/core';
import {
  type ConnectionSettings,
  classifyError,
  PostgresClient,
  quoteIdentifier,
  type Session,
} from '@millrace/postgres';
import { createCheckpointTable, quoteText } from './checkpoint-table.ts';
import { ObsoleteVersions } from './obsolete-versions.ts';
import { Presence } from './presence.ts';

/** Serializes the making of schemas, whose IF NOT EXISTS is no protection against a second one at the same time. */
const SETUP_LOCK = "hashtextextended('millrace accelerator setup', 0)";

/** For whom something is done at the server. */
export interface StoreUse {
  readonly component: string;
  readonly signal: AbortSignal;
}

/** Settings of transactions that may take their time: zero is none. */
const UNLIMITED =
  "SELECT set_config(name, '0', true) FROM pg_catalog.pg_settings WHERE name IN ('statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout')";

/** A schema of a server that holds the copies of datasets, those of other processes included. */
export class Store {
  readonly client: PostgresClient;
  readonly schema: string;
  readonly presence: Presence;
  readonly #obsolete: ObsoleteVersions;
  #closed: Promise<void> | undefined;

  constructor(settings: ConnectionSettings, schema: string) {
    this.client = new PostgresClient(settings);
    this.schema = schema;
    this.presence = new Presence(this);
    this.#obsolete = new ObsoleteVersions(this);
  }

  /**
   * Runs work on a connection of its own: whatever a refresh needs must not wait for the pool, which scans may hold for as long as they like. The
   * connection is closed when the signal aborts.
   *
   * @throws MillraceError for whatever the server reports.
   */
  async own<Result>(use: StoreUse, work: (session: Session) => Promise<Result>): Promise<Result> {
    const session = await this.client.openExtra(use);
    try {
      return await session.until(use.signal, () => work(session));
    } catch (error) {
      throw classifyError(error, { ...use, access: 'write' });
    } finally {
      session.end('keep');
    }
  }

  /** Runs work in a transaction that writes and may take its time; a failure rolls it back. */
  async transaction<Result>(session: Session, work: () => Promise<Result>): Promise<Result> {
    await this.begin(session);
    try {
      const result = await work();
      await session.run('COMMIT');
      return result;
    } catch (error) {
      await session.run('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }

  /** Begins a transaction that writes and may take its time. */
  async begin(session: Session): Promise<void> {
    await session.run(`BEGIN READ WRITE; ${UNLIMITED}`);
  }

  /**
   * Makes schema and checkpoint table where they are missing, somebody having removed them at the server too.
   *
   * @throws MillraceError `unsupported` for a database whose texts are not UTF-8, and what the server reports.
   */
  async prepare(session: Session, component: string): Promise<void> {
    if (!(await this.isPrepared(session, component))) await this.#create(session);
  }

  /** Whether the checkpoint table is there. @throws MillraceError `unsupported` for a database whose texts are not UTF-8. */
  async isPrepared(session: Session, component: string): Promise<boolean> {
    const exists = `to_regclass(${quoteText(`${quoteIdentifier(this.schema)}.__millrace_checkpoint`)}) IS NOT NULL`;
    const [found] = await session.run<{ readonly encoding: string; readonly exists: boolean }>(
      `SELECT current_setting('server_encoding') AS encoding, ${exists} AS exists`,
    );
    if (found?.encoding === 'UTF8') return found.exists;
    throw new MillraceError({
      code: 'unsupported',
      component,
      connector: 'postgres',
      message: `the database keeps texts as ${found?.encoding}, in which not every text can be kept`,
      hint: 'Name a database whose encoding is UTF8',
    });
  }

  /** A table of the schema, quoted. */
  quoted(relation: string): string {
    return `${quoteIdentifier(this.schema)}.${quoteIdentifier(relation)}`;
  }

  /** Drops what no checkpoint names any more; what readers still hold is tried again later. Never fails. */
  async sweep(session: Session, component: string): Promise<void> {
    await this.#obsolete.sweep(session, component);
  }

  /** Ends every connection. Idempotent. */
  close(): Promise<void> {
    this.#closed ??= (async () => {
      await this.#obsolete.close();
      await this.presence.close();
      await this.client.close();
    })();
    return this.#closed;
  }

  async #create(session: Session): Promise<void> {
    const { schema } = this;
    await this.transaction(session, async () => {
      await session.run(`SELECT pg_advisory_xact_lock(${SETUP_LOCK})`);
      const [there] = await session.run<{ readonly exists: boolean }>(
        `SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = ${quoteText(schema)}) AS exists`,
      );
      const statements = createCheckpointTable(schema);
      // A role that may use a schema need not be one that may make it.
      await session.run(
        [...(there?.exists === true ? [] : [`CREATE SCHEMA ${quoteIdentifier(schema)}`]), ...statements].join('; '),
      );
    });
  }
}
