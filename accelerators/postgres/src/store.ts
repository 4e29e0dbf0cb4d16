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
   * Makes schema and checkpoint table where they are missing, somebody having removed them at the server too.
   *
   * @throws MillraceError `unauthorized` where the role may not, `unsupported` for a database whose texts are not UTF-8, and what connecting reports.
   */
  async prepare(use: StoreUse): Promise<void> {
    if (!(await this.isPrepared(use))) await this.#create(use);
  }

  /** Runs statements in a transaction that writes, on a connection of its own. @throws MillraceError for whatever the server reports. */
  async write<Result>(use: StoreUse, work: (session: Session) => Promise<Result>): Promise<Result> {
    const session = await this.beginWrite(use);
    try {
      const result = await work(session);
      await session.run('COMMIT');
      return result;
    } catch (error) {
      throw classifyError(error, { ...use, access: 'write' });
    } finally {
      session.end('keep');
    }
  }

  /** Opens a connection beside the pool, in a transaction that writes; whoever ends the session without a COMMIT rolls back. */
  async beginWrite({ component, signal }: StoreUse): Promise<Session> {
    return await this.client.openExtra({ component, signal, begin: `BEGIN READ WRITE; ${UNLIMITED}` });
  }

  /** A table of the schema, quoted. */
  quoted(relation: string): string {
    return `${quoteIdentifier(this.schema)}.${quoteIdentifier(relation)}`;
  }

  /** Drops what no checkpoint names any more; what readers still hold is tried again later. Never fails. */
  async sweep(component: string): Promise<void> {
    await this.#obsolete.sweep(component);
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

  /** Whether the checkpoint table is there. @throws MillraceError `unsupported` for a database whose texts are not UTF-8. */
  async isPrepared(use: StoreUse): Promise<boolean> {
    const { schema } = this;
    const exists = `to_regclass(${quoteText(`${quoteIdentifier(schema)}.__millrace_checkpoint`)}) IS NOT NULL`;
    const [found] = await this.client.use(use, (session) =>
      session.run<{ readonly encoding: string; readonly exists: boolean }>(
        `SELECT current_setting('server_encoding') AS encoding, ${exists} AS exists`,
      ),
    );
    if (found?.encoding !== 'UTF8')
      throw new MillraceError({
        code: 'unsupported',
        component: use.component,
        connector: 'postgres',
        message: `the database keeps texts as ${found?.encoding}, in which not every text can be kept`,
        hint: 'Name a database whose encoding is UTF8',
      });
    return found.exists;
  }

  async #create(use: StoreUse): Promise<void> {
    const { schema } = this;
    await this.write(use, async (session) => {
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
