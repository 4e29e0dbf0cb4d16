import type { ReceivedCommand } from './general-log.ts';

/** A database that a test made for itself. */
export interface MariaDbDatabase {
  readonly database: string;
  readonly connectionString: string;
  /** Runs statements (several, separated by semicolons, when there are no values) as administrator and gives the last one's rows. */
  sql(text: string, values?: readonly unknown[]): Promise<readonly Record<string, unknown>[]>;
  /** What this database received since it was made, in the server's own log; undefined at a server that was not started here. */
  receivedStatements(): Promise<readonly ReceivedCommand[] | undefined>;
  drop(): Promise<void>;
}

/** A running MariaDB (or, by `MILLRACE_TEST_MYSQL_URL`, MySQL) server. */
export interface MariaDbServer {
  readonly host: string;
  readonly port: number;
  /** May do everything, and grant it. */
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly connectionString: string;
  /** Makes a database in utf8mb4; the default is a name of its own. */
  createDatabase(name?: string): Promise<MariaDbDatabase>;
  /** What a database received, in order; undefined at a server that was not started here. */
  receivedStatements(database: string): Promise<readonly ReceivedCommand[] | undefined>;
}
