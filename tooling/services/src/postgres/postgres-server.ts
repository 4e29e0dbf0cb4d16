import type { ReceivedStatement } from './server-log.ts';

/** A database that a test made for itself. */
export interface PostgresDatabase {
  readonly database: string;
  readonly connectionString: string;
  /** Runs statements (several, separated by semicolons, when there are no values) as superuser and gives the last one's rows. */
  sql(text: string, values?: readonly unknown[]): Promise<readonly Record<string, unknown>[]>;
  /** What this database received since it was made, in the server's own log; undefined at a server that was not started here. */
  receivedStatements(): Promise<readonly ReceivedStatement[] | undefined>;
  /** Drops the database, ending what is connected to it. */
  drop(): Promise<void>;
}

/** How a database is made. */
export interface CreateDatabaseOptions {
  /** Default: a name of its own. */
  readonly name?: string;
  /** ICU locale of the database's default collation, for example `cs-CZ`. Default: the server's, C.UTF-8. */
  readonly icuLocale?: string;
}

/** A running PostgreSQL server. */
export interface PostgresServer {
  readonly host: string;
  readonly port: number;
  /** A superuser. */
  readonly user: string;
  readonly password: string;
  /** The maintenance database. */
  readonly database: string;
  readonly connectionString: string;
  createDatabase(options?: CreateDatabaseOptions): Promise<PostgresDatabase>;
  /** What a database received, in order; undefined at a server that was not started here. */
  receivedStatements(database: string): Promise<readonly ReceivedStatement[] | undefined>;
}
