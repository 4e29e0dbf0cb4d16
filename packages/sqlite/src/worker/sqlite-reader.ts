import Database from 'better-sqlite3';
import { FailureError, toFailure } from './failure.ts';
import { likeMatch } from './like-match.ts';
import type { Query, ScanOrder, SqliteValue, WorkerAnswer, WorkerRequest, WorkerSettings } from './protocol.ts';
import { ScanReader } from './scan-reader.ts';
import { CONTINUE_FUNCTION, StopSignal } from './stop-signal.ts';

/** Answers requests on one read-only connection, which is opened by the first. */
export class SqliteReader {
  readonly #settings: WorkerSettings;
  readonly #stop: StopSignal;
  #database: Database.Database | undefined;
  #reader: ScanReader | undefined;

  constructor(settings: WorkerSettings) {
    this.#settings = settings;
    this.#stop = new StopSignal(settings.stop);
  }

  answer(request: WorkerRequest): WorkerAnswer {
    try {
      return this.#answer(request);
    } catch (error) {
      const failure = toFailure(error);
      try {
        this.#end();
      } catch {
        // The connection is beyond use; the first failure says why.
        this.#database = undefined;
      }
      return { kind: 'failed', failure };
    }
  }

  #answer(request: WorkerRequest): WorkerAnswer {
    switch (request.kind) {
      case 'rows':
        this.#stop.check();
        return { kind: 'rows', results: request.queries.map((query) => this.#rows(query)) };
      case 'begin':
        this.#begin();
        return { kind: 'done' };
      case 'open':
        this.#open(request.order);
        return this.#next();
      case 'next':
        return this.#next();
      case 'close':
        this.#end();
        return { kind: 'done' };
      default:
        return request satisfies never;
    }
  }

  #next(): WorkerAnswer {
    const batch = this.#reader?.next();
    if (batch?.isLast !== false) this.#end();
    return batch === undefined ? { kind: 'end' } : { kind: 'batch', batch };
  }

  #open(order: ScanOrder): void {
    this.#stop.check();
    const database = this.#connect();
    if (!database.inTransaction) this.#begin();
    const { definition } = order;
    if (definition !== undefined && String(this.#rows(definition.query)[0]?.[0]) !== definition.expected) {
      throw new FailureError({ kind: 'changed' });
    }
    this.#reader = new ScanReader(database, order, this.#stop);
  }

  /** A deferred transaction has no snapshot before its first read. */
  #begin(): void {
    const database = this.#connect();
    database.exec('BEGIN');
    database.prepare('SELECT count(*) FROM sqlite_schema').get();
  }

  #end(): void {
    this.#reader?.close();
    this.#reader = undefined;
    if (this.#database?.inTransaction) this.#database.exec('ROLLBACK');
  }

  #rows({ sql, parameters }: Query): readonly (readonly SqliteValue[])[] {
    const statement = this.#connect().prepare(sql).raw().safeIntegers();
    return statement.all(...parameters) as (readonly SqliteValue[])[];
  }

  #connect(): Database.Database {
    if (this.#database !== undefined) return this.#database;
    const { path, busyTimeoutMs } = this.#settings;
    const database = new Database(path, { readonly: true, fileMustExist: true, timeout: busyTimeoutMs });
    database.pragma('query_only = ON');
    // A view or a generated column of a foreign file must not reach functions with side effects.
    database.pragma('trusted_schema = OFF');
    database.function(CONTINUE_FUNCTION, { directOnly: true }, () => {
      this.#stop.check();
      return 1;
    });
    database.function('millrace_like', { deterministic: true, directOnly: true }, (text, parts) =>
      likeMatch(String(text), String(parts)) ? 1 : 0,
    );
    this.#database = database;
    return database;
  }
}
