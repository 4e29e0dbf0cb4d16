import type { RuntimeModule } from '../host/runtime-module.ts';

/** Splits SQL into tokens; the runtime's, so that the prompt and the engine agree where a text ends. */
export type Tokenize = RuntimeModule['tokenizeSql'];

/** One complete statement. */
export interface EnteredStatement {
  /** Without its `;`. */
  readonly sql: string;
  /** As it was typed, `;` included. */
  readonly source: string;
}

/** Collects lines until a `;` ends a statement; one in a string, a quoted name or a comment ends none. */
export class StatementBuffer {
  readonly #tokenize: Tokenize;
  #text = '';

  constructor(tokenize: Tokenize) {
    this.#tokenize = tokenize;
  }

  /** True when no statement has been begun. */
  get isEmpty(): boolean {
    return this.#tokenize(this.#text).length === 0;
  }

  /** Adds a line; the statements that it completes come back. */
  add(line: string): readonly EnteredStatement[] {
    this.#text += this.#text === '' ? line : `\n${line}`;
    const statements: EnteredStatement[] = [];
    let start = 0;
    let hasTokens = false;
    for (const token of this.#tokenize(this.#text)) {
      if (token.kind === 'symbol' && this.#text.slice(token.start, token.end) === ';') {
        if (hasTokens) {
          const [sql, source] = [token.start, token.end].map((end) => this.#text.slice(start, end).trim());
          statements.push({ sql: sql!, source: source! });
        }
        start = token.end;
        hasTokens = false;
      } else hasTokens = true;
    }
    this.#text = hasTokens ? this.#text.slice(start).trimStart() : '';
    return statements;
  }

  clear(): void {
    this.#text = '';
  }
}
