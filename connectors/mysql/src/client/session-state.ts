import type { MysqlSettings } from '../mysql-settings.ts';
import type { ServerInfo } from './server-info.ts';

/** A scan that is read slowly keeps its connection: the server would otherwise drop it after a minute without a read. */
const NET_WRITE_TIMEOUT_SECONDS = 7_200;

/**
 * The statement that makes a session what the connector relies on, run at every checkout.
 *
 * `sql_mode` is set as a whole: with ANSI_QUOTES, PAD_CHAR_TO_FULL_LENGTH, HIGH_NOT_PRECEDENCE, PIPES_AS_CONCAT or EMPTY_STRING_IS_NULL
 * the same statement would mean something else; NO_BACKSLASH_ESCAPES leaves one layer of escapes in patterns; with
 * NO_UNSIGNED_SUBTRACTION a difference of unsigned numbers may be negative. Results come as utf8mb4, and literals compare by bytes where no column decides.
 */
export function sessionStatement(settings: MysqlSettings, server: ServerInfo): string {
  const { timeZone, statementTimeoutMs } = settings;
  const limit =
    server.product === 'mariadb'
      ? `max_statement_time = ${statementTimeoutMs / 1000}`
      : `max_execution_time = ${statementTimeoutMs}`;
  return `SET sql_mode = 'NO_BACKSLASH_ESCAPES,NO_UNSIGNED_SUBTRACTION', time_zone = '${timeZone}', ${[
    "character_set_client = 'utf8mb4'",
    "character_set_results = 'utf8mb4'",
    "collation_connection = 'utf8mb4_bin'",
    'sql_auto_is_null = 0',
    'sql_select_limit = DEFAULT',
    `net_write_timeout = ${NET_WRITE_TIMEOUT_SECONDS}`,
    limit,
  ].join(', ')}`;
}

/** Statements of this connector only read, and each sees one moment of what a transactional engine stores. */
export const TRANSACTION_STATEMENT = 'SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY';
