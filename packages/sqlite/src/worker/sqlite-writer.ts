import Database from 'better-sqlite3';
import { FailureError, toFailure } from './failure.ts';
import { createInputReader } from './input-reader.ts';
import type { Query, SqliteValue } from './protocol.ts';
import type { StatementResult, WriterAnswer, WriterRequest, WriterSettings } from './writer-protocol.ts';

/** Statements that are kept prepared. */
const MAX_STATEMENTS = 16;

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
      if (request.kind === 'run') {
        return { kind: 'ran', results: request.statements.map((statement) => this.#run(statement)) };
      }
      return { kind: 'ran', results: [{ changeCount: this.#insert(request), rows: [] }] };
    } catch (error) {
      return { kind: 'failed', failure: toFailure(error) };
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

  #insert({ sql, rowCount, names, columns }: Extract<WriterRequest, { readonly kind: 'insert' }>): number {
    const statement = this.#prepared(sql);
    const readers = columns.map((column, index) => createInputReader(column, names[index] ?? ''));
    const values: SqliteValue[] = new Array(readers.length).fill(null);
    for (let row = 0; row < rowCount; row++) {
      for (let index = 0; index < readers.length; index++) values[index] = readers[index]!(row);
      statement.run(values);
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
