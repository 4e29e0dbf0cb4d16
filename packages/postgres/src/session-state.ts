import type { ConnectionSettings } from './connection-settings.ts';

/**
 * Every setting that changes what a statement means or how a value is written. `RESET ALL` first, as a view's function may have set more;
 * the search path is then the role's own.
 */
export function sessionState({ statementTimeoutMs }: ConnectionSettings): string {
  return [
    'RESET ALL',
    "SET TimeZone = 'UTC'",
    "SET DateStyle = 'ISO, YMD'",
    "SET IntervalStyle = 'postgres'",
    "SET client_encoding = 'UTF8'",
    "SET bytea_output = 'hex'",
    'SET extra_float_digits = 1',
    'SET standard_conforming_strings = on',
    'SET default_transaction_read_only = on',
    "SET default_transaction_isolation = 'read committed'",
    `SET statement_timeout = ${Math.ceil(statementTimeoutMs)}`,
    '',
  ].join('; ');
}
