import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const MAX_STATEMENTS = 1_000;

/** Where the history is kept: `$MILLRACE_HISTORY`, else `~/.millrace_history`; an empty variable keeps none. */
export function historyFile(environment: Readonly<Record<string, string | undefined>>): string | undefined {
  const given = environment.MILLRACE_HISTORY;
  if (given !== undefined) return given === '' ? undefined : given;
  return join(homedir(), '.millrace_history');
}

/**
 * The statements of earlier sessions and of this one, whole: a line of the file is one statement as a JSON string, so that
 * line breaks survive. The file is readable for its owner alone, because statements hold values.
 *
 * A file that cannot be read or written costs the history and nothing else.
 */
export class History {
  readonly #file: string | undefined;
  readonly #statements: string[];

  private constructor(file: string | undefined, statements: string[]) {
    this.#file = file;
    this.#statements = statements;
  }

  /** Reads the file; at most the last 1,000 statements stay in it. */
  static open(file: string | undefined): History {
    const all = file === undefined ? [] : readStatements(file);
    const statements = all.slice(-MAX_STATEMENTS);
    if (file !== undefined && all.length > 2 * MAX_STATEMENTS)
      attempt(() => writeFileSync(file, statements.map(toLine).join(''), { mode: 0o600 }));
    return new History(file, statements);
  }

  /** The newest first, as readline wants them. */
  get newestFirst(): string[] {
    return this.#statements.toReversed();
  }

  /** Adds a statement, unless it is the last one again. */
  add(statement: string): void {
    if (statement === this.#statements.at(-1)) return;
    this.#statements.push(statement);
    if (this.#statements.length > MAX_STATEMENTS) this.#statements.shift();
    const file = this.#file;
    if (file !== undefined) attempt(() => appendFileSync(file, toLine(statement), { mode: 0o600 }));
  }
}

function toLine(statement: string): string {
  return `${JSON.stringify(statement)}\n`;
}

function readStatements(file: string): string[] {
  let text = '';
  attempt(() => {
    if (existsSync(file)) text = readFileSync(file, 'utf8');
  });
  return text.split('\n').flatMap((line) => {
    try {
      const parsed: unknown = JSON.parse(line);
      return typeof parsed === 'string' ? [parsed] : [];
    } catch {
      return []; // The file of another program, or a line that was cut off.
    }
  });
}

function attempt(work: () => void): void {
  try {
    work();
  } catch {
    // See the class: the history is not worth an error.
  }
}
