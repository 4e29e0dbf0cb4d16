import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** A statement as the server logged it. */
export interface ReceivedStatement {
  /** The text without the log's prefix. */
  readonly sql: string;
  /** The bound values as the server prints them: `$1 = '42'`. */
  readonly parameters?: string;
  /** The server process that ran it. */
  readonly pid: number;
  /** The `application_name` of its session; `millrace-services` for what went through the server object itself. */
  readonly application: string;
}

const PREFIX = /^(?:statement|execute [^:]*|execute fetch from [^:]*): /;
const WAIT_MS = 60_000;

/** Reads the statements of a server's JSON log (`log_destination=jsonlog`, `log_statement=all`) as far as it has been written. */
export class ServerLog {
  readonly #file: string;
  readonly #statements: Map<string, ReceivedStatement[]> = new Map();
  #position = 0;
  #partial: Buffer = Buffer.alloc(0);

  constructor(file: string) {
    this.#file = file;
  }

  /** The statements of a database up to the one that holds `marker`, which the caller has just run there. */
  async until(database: string, marker: string): Promise<readonly ReceivedStatement[]> {
    const deadline = Date.now() + WAIT_MS;
    for (;;) {
      this.#read();
      const all = this.#statements.get(database) ?? [];
      const end = all.findLastIndex(({ sql }) => sql.includes(marker));
      if (end >= 0) return all.slice(0, end).filter(({ sql }) => !sql.includes('millrace-log-marker'));
      if (Date.now() > deadline)
        throw new Error(`the server's log ${this.#file} does not show a statement that was run`);
      await delay(10);
    }
  }

  #read(): void {
    if (!existsSync(this.#file)) return;
    const file = openSync(this.#file, 'r');
    try {
      const size = fstatSync(file).size;
      const buffer = Buffer.alloc(size - this.#position);
      const count = readSync(file, buffer, 0, buffer.length, this.#position);
      this.#position += count;
      const text = Buffer.concat([this.#partial, buffer.subarray(0, count)]);
      const end = text.lastIndexOf(10) + 1;
      this.#partial = Buffer.from(text.subarray(end));
      for (const line of text.subarray(0, end).toString('utf8').split('\n')) if (line !== '') this.#add(line);
    } finally {
      closeSync(file);
    }
  }

  #add(line: string): void {
    const entry = JSON.parse(line) as {
      dbname?: string;
      message?: string;
      detail?: string;
      pid?: number;
      application_name?: string;
    };
    if (entry.dbname === undefined || entry.message === undefined || !PREFIX.test(entry.message)) return;
    const statements = this.#statements.get(entry.dbname) ?? [];
    this.#statements.set(entry.dbname, statements);
    statements.push({
      sql: entry.message.replace(PREFIX, ''),
      pid: entry.pid ?? 0,
      application: entry.application_name ?? '',
      ...(entry.detail === undefined ? {} : { parameters: entry.detail.replace(/^parameters: /i, '') }),
    });
  }
}
