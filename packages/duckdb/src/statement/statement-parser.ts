import { type DuckDBConnection, DuckDBInstance, type DuckDBPreparedStatement } from '@duckdb/node-api';
import { MillraceError } from '@millrace/core';
import { classifyDuckDbError } from '../database/classify-error.ts';
import { quotingHint } from './quoting-hint.ts';
import { locate, offsetOfCodePoint } from './refusal.ts';
import { parseSerialized } from './serialized-json.ts';
import { asItems, asNode, type SyntaxNode, textOf } from './syntax-tree.ts';

const SERIALIZE = 'SELECT json_serialize_sql($1::VARCHAR, skip_null := true, skip_empty := true)';

/** What the parser made of a text; `not_select` is what DuckDB serializes not at all. */
export type ParsedText =
  | { readonly kind: 'statements'; readonly statements: readonly SyntaxNode[] }
  | { readonly kind: 'not_select' };

/**
 * Parses SQL without binding it, on a DuckDB instance of its own that can open neither files nor connections.
 *
 * Calls may overlap; they are answered in order. Parsing a simple query takes about 0.3 ms.
 */
export class StatementParser implements AsyncDisposable {
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  readonly #serialize: DuckDBPreparedStatement;

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection, serialize: DuckDBPreparedStatement) {
    this.#instance = instance;
    this.#connection = connection;
    this.#serialize = serialize;
  }

  static async open(memoryLimit?: string): Promise<StatementParser> {
    const instance = await DuckDBInstance.create(':memory:', {
      threads: '1',
      enable_external_access: 'false',
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      lock_configuration: 'true',
      ...(memoryLimit === undefined ? {} : { memory_limit: memoryLimit }),
    });
    const connection = await instance.connect();
    return new StatementParser(instance, connection, await connection.prepare(SERIALIZE));
  }

  /**
   * @throws MillraceError `sql_syntax` with the place of the error, `invalid_state` after `close`.
   */
  async parse(sql: string): Promise<ParsedText> {
    const text = await this.#enqueue(sql);
    const answer = asNode(parseSerialized(text));
    if (answer?.error === false) {
      const statements = asItems(answer.statements).map((statement) => asNode(asNode(statement)?.node) ?? {});
      return { kind: 'statements', statements };
    }
    if (textOf(answer, 'error_type') === 'not implemented') {
      return { kind: 'not_select' };
    }
    throw syntaxError(sql, answer);
  }

  /** Waits for what is being parsed, then frees the instance. Idempotent. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#last;
    this.#serialize.destroySync();
    this.#connection.closeSync();
    this.#instance.closeSync();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #enqueue(sql: string): Promise<string> {
    if (this.#closed) {
      throw new MillraceError({
        code: 'invalid_state',
        component: 'sql',
        message: 'the statement inspector is closed',
      });
    }
    const answer = this.#last.then(() => this.#run(sql));
    this.#last = answer.catch(() => undefined);
    return answer;
  }

  async #run(sql: string): Promise<string> {
    const text = await this.#serializeText(sql);
    if (typeof text !== 'string') {
      throw new MillraceError({ code: 'internal', component: 'sql', message: 'the parser gave no answer' });
    }
    return text;
  }

  /** The tree of a long statement takes hundreds of times its length. */
  async #serializeText(sql: string): Promise<unknown> {
    try {
      this.#serialize.bindVarchar(1, sql);
      const result = await this.#serialize.run();
      const chunk = await result.fetchChunk();
      return chunk?.getColumnVector(0).getItem(0);
    } catch (error) {
      throw classifyDuckDbError(error, 'sql', { memorySetting: 'runtime.memory_limit' });
    }
  }
}

function syntaxError(sql: string, answer: SyntaxNode | undefined): MillraceError {
  const position = Number(textOf(answer, 'position') ?? Number.NaN);
  const offset = Number.isInteger(position) ? offsetOfCodePoint(sql, position) : undefined;
  const hint = offset === undefined ? undefined : quotingHint(sql, offset);
  return new MillraceError({
    code: 'sql_syntax',
    component: 'sql',
    message: textOf(answer, 'error_message') ?? 'the statement cannot be parsed',
    ...(hint === undefined ? {} : { hint }),
    ...(offset === undefined ? {} : { location: locate(sql, offset) }),
  });
}
