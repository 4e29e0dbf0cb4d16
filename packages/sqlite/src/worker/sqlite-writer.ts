import Database from 'better-sqlite3';
import { FailureError, toFailure } from './failure.ts';
import { createInputReader, type InputReader } from './input-reader.ts';
import type { Query, SqliteValue } from './protocol.ts';
import type { StatementResult, WriterAnswer, WriterRequest, WriterSettings } from './writer-protocol.ts';

/** Statements that are kept prepared. */
const MAX_STATEMENTS = 16;
/** Rows that one INSERT takes at most, and values: beyond them a statement costs no less per row. */
const MAX_ROWS = 64;
const MAX_VALUES = 256;

/** Answers requests on one connection that writes, which is opened by the first. */
export class SqliteWriter {
  readonly #settings: WriterSettings;
  readonly #inserts = new Map<string, Database.Statement>();
  #database: Database.Database | undefined;
  #lock: Database.Database | undefined;

  constructor(settings: WriterSettings) {
    this.#settings = settings;
  }

  answer(request: WriterRequest): WriterAnswer {
    try {
      return { kind: 'ran', results: this.#answer(request) };
    } catch (error) {
      return { kind: 'failed', failure: toFailure(error) };
    }
  }

  /** Idempotent. */
  close(): void {
    this.#inserts.clear();
    const [database, lock] = [this.#database, this.#lock];
    this.#database = undefined;
    this.#lock = undefined;
    database?.close();
    lock?.close();
  }

  #answer(request: WriterRequest): readonly StatementResult[] {
    switch (request.kind) {
      case 'run':
        return request.statements.map((statement) => this.#run(statement));
      case 'insert':
        return [{ changeCount: this.#insert(request), rows: [] }];
      case 'close':
        this.close();
        return [];
      default:
        return request satisfies never;
    }
  }

  #run({ sql, parameters }: Query): StatementResult {
    const statement = this.#connect().prepare(sql);
    if (!statement.reader) return { changeCount: statement.run(...parameters).changes, rows: [] };
    const rows = statement
      .raw()
      .safeIntegers()
      .all(...parameters) as (readonly SqliteValue[])[];
    return { changeCount: 0, rows };
  }

  /** Several rows with each run: a run of its own for each costs a quarter more. */
  #insert({ table, rowCount, names, columns }: Extract<WriterRequest, { readonly kind: 'insert' }>): number {
    const readers = columns.map((column, index) => createInputReader(column, names[index] ?? ''));
    const together = Math.max(1, Math.min(MAX_ROWS, Math.floor(MAX_VALUES / readers.length)));
    const end = rowCount - (rowCount % together);
    const many = { start: 0, end, together };
    const few = { start: end, end: rowCount, together: 1 };
    for (const range of [many, few]) {
      if (range.start === range.end) continue;
      runRows(this.#prepared(insertInto(table, readers.length, range.together)), readers, range);
    }
    return rowCount;
  }

  #prepared(sql: string): Database.Statement {
    const known = this.#inserts.get(sql);
    if (known !== undefined) return known;
    if (this.#inserts.size >= MAX_STATEMENTS) this.#inserts.clear();
    const statement = this.#connect().prepare(sql);
    this.#inserts.set(sql, statement);
    return statement;
  }

  #connect(): Database.Database {
    if (this.#database !== undefined) return this.#database;
    const { path, busyTimeoutMs, lockPath } = this.#settings;
    this.#lock ??= takeLock(lockPath);
    this.#database = new Database(path, { timeout: busyTimeoutMs });
    return this.#database;
  }
}

/** An INSERT of so many rows. */
function insertInto(table: string, columnCount: number, rowCount: number): string {
  const row = `(${Array(columnCount).fill('?').join(',')})`;
  return `INSERT INTO ${table} VALUES ${Array(rowCount).fill(row).join(',')}`;
}

/** Runs an INSERT with the rows of a range, as many at a time as it takes; the range holds a multiple of that. */
function runRows(
  statement: Database.Statement,
  readers: readonly InputReader[],
  { start, end, together }: { readonly start: number; readonly end: number; readonly together: number },
): void {
  const values: SqliteValue[] = new Array(readers.length * together).fill(null);
  let place = 0;
  for (let row = start; row < end; row++) {
    for (let index = 0; index < readers.length; index++) values[place++] = readers[index]!(row);
    if (place < values.length) continue;
    statement.run(values);
    place = 0;
  }
}

/** Held until the connection is closed, which the end of the process does too. @throws FailureError `owned`. */
function takeLock(path: string): Database.Database {
  const lock = new Database(path, { timeout: 0 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock.close();
    const failure = toFailure(error);
    throw failure.kind === 'sqlite' && failure.code.startsWith('SQLITE_BUSY')
      ? new FailureError({ kind: 'owned' })
      : error;
  }
}
