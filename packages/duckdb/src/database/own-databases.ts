import type { DuckDbDatabase } from './duckdb-database.ts';

const databases = new WeakSet<object>();

/** Remembers a database that this copy of the package made. */
export function rememberDatabase(database: DuckDbDatabase): void {
  databases.add(database);
}

/**
 * Tells whether a value is a database that the functions of this very copy of the package work on.
 *
 * A database of another copy in the process is not: rows in memory are handed over through a table function, which knows those of its
 * own copy alone.
 */
export function isDuckDbDatabase(value: unknown): value is DuckDbDatabase {
  return typeof value === 'object' && value !== null && databases.has(value);
}
