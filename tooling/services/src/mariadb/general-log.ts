import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** A command as the server's general log has it. */
export interface ReceivedCommand {
  /** `execute` shows a prepared statement with its values filled in, `prepare` with its placeholders. */
  readonly command: 'query' | 'prepare' | 'execute';
  readonly sql: string;
  /** The account's name. */
  readonly user: string;
  /** The server thread that ran it. */
  readonly threadId: number;
}

const ENTRY = /^(?:\d{6} +\d+:\d\d:\d\d|\d{4}-\d\d-\d\dT[\d:.]+Z)?\t+ *(\d+) ([A-Z][A-Za-z ]*?)(?:\t(.*))?$/s;
const CONNECT = /^(.*?)@\S* on (.*) using /s;
const MARKER = 'millrace-log-marker';
const WAIT_MS = 60_000;

/** A statement that marks the end of what has been logged so far. */
export function logMarker(token: string): string {
  return `SELECT '${MARKER}-${token}'`;
}

/** Reads a server's general log file as far as it has been written; commands belong to the database of their connection. */
export class GeneralLog {
  readonly #file: string;
  readonly #commands: Map<string, ReceivedCommand[]> = new Map();
  readonly #databases: Map<number, string> = new Map();
  readonly #users: Map<number, string> = new Map();
  #entry: string | undefined;
  #position = 0;
  #partial: Buffer = Buffer.alloc(0);

  constructor(file: string) {
    this.#file = file;
  }

  /** The commands of a database up to the marker that the caller has just run there. */
  async until(database: string, token: string): Promise<readonly ReceivedCommand[]> {
    const deadline = Date.now() + WAIT_MS;
    for (;;) {
      this.#read();
      const all = this.#commands.get(database) ?? [];
      const end = all.findLastIndex(({ sql }) => sql.includes(`${MARKER}-${token}`));
      if (end >= 0) return all.slice(0, end).filter(({ sql }) => !sql.includes(MARKER));
      if (Date.now() > deadline)
        throw new Error(`the server's log ${this.#file} does not show a statement that was run`);
      await delay(10);
    }
  }

  #read(): void {
    if (!existsSync(this.#file)) return;
    const file = openSync(this.#file, 'r');
    try {
      const buffer = Buffer.alloc(fstatSync(file).size - this.#position);
      const count = readSync(file, buffer, 0, buffer.length, this.#position);
      this.#position += count;
      const text = Buffer.concat([this.#partial, buffer.subarray(0, count)]);
      const end = text.lastIndexOf(10) + 1;
      this.#partial = Buffer.from(text.subarray(end));
      for (const line of text.subarray(0, end).toString('utf8').split('\n').slice(0, -1)) this.#addLine(line);
      // Entries are written whole, so that what ends with a line break is complete.
      if (this.#partial.length === 0) this.#endEntry();
    } finally {
      closeSync(file);
    }
  }

  /** A statement of several lines continues where a line does not look like an entry of its own. */
  #addLine(line: string): void {
    if (!ENTRY.test(line) && this.#entry !== undefined) {
      this.#entry += `\n${line}`;
      return;
    }
    this.#endEntry();
    this.#entry = line;
  }

  #endEntry(): void {
    const match = this.#entry === undefined ? null : ENTRY.exec(this.#entry);
    this.#entry = undefined;
    if (match === null) return;
    const [, id, command, argument = ''] = match;
    const threadId = Number(id);
    switch (command) {
      case 'Connect': {
        const [, user, database] = CONNECT.exec(argument) ?? [];
        if (user !== undefined) this.#users.set(threadId, user);
        if (database !== undefined) this.#databases.set(threadId, database);
        break;
      }
      case 'Init DB':
        this.#databases.set(threadId, argument);
        break;
      case 'Query':
      case 'Prepare':
      case 'Execute': {
        const database = this.#databases.get(threadId) ?? '';
        const commands = this.#commands.get(database) ?? [];
        this.#commands.set(database, commands);
        commands.push({ command: COMMANDS[command], sql: argument, user: this.#users.get(threadId) ?? '', threadId });
        break;
      }
    }
  }
}

const COMMANDS = { Query: 'query', Prepare: 'prepare', Execute: 'execute' } as const;
