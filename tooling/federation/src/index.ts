export { CHINOOK_QUESTIONS, type ChinookQuestion } from './chinook-questions.ts';
export { duckdbStatements, loadDuckdb } from './load-duckdb.ts';
export { loadMysql } from './load-mysql.ts';
export { loadPostgres } from './load-postgres.ts';
export { loadSqlite } from './load-sqlite.ts';
export { readChinook } from './read-chinook.ts';
export { readTpch } from './read-tpch.ts';
export type { TableColumn, TableRows } from './table-rows.ts';
