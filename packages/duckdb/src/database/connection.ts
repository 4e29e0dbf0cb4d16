import type { DuckDBConnection } from '@duckdb/node-api';
import duckdb, { type PreparedStatement, type Result } from '@duckdb/node-bindings';
import { createValueReader, type RowValue } from '@millrace/arrow';
import { cancelledError, MillraceError, type RecordBatch, type Schema } from '@millrace/core';
import { BatchReader, preparedColumns, resultColumns } from '../reading/batch-reader.ts';
import { changedRows } from './changed-rows.ts';
import { classifyDuckDbError } from './classify-error.ts';
import { diagnoseFailure } from './diagnose-failure.ts';
import { drainResult } from './drain-result.ts';
import type {
  DuckDbConnection,
  QueryParameters,
  QueryStream,
  StatementOptions,
  StreamRequest,
} from './duckdb-database.ts';
import { interruptible, interruptUntilSettled } from './interrupt.ts';
import type { JoinFilterSwitch } from './join-filter-switch.ts';
import { rawConnection, withPrepared } from './prepared.ts';
import { ResultStream } from './query-stream.ts';

/** What a connection is made from. */
export interface ConnectionParts {
  readonly native: DuckDBConnection;
  readonly component: string;
  /** What limits the instance's memory, for hints. */
  readonly memorySetting: string | undefined;
  /** The instance's; undefined where its join filters are off for good. */
  readonly joinFilters: JoinFilterSwitch | undefined;
  readonly onClose: () => void;
}

type Execute = (statement: PreparedStatement) => Promise<Result>;

/** A connection of a database of this package. */
export class Connection implements DuckDbConnection {
  readonly native: DuckDBConnection;
  readonly #component: string;
  readonly #memorySetting: string | undefined;
  readonly #joinFilters: JoinFilterSwitch | undefined;
  readonly #onClose: () => void;
  /** What runs now; settles when the connection is free. */
  #work: Promise<unknown> | undefined;
  #stream: QueryStream | undefined;
  #closing: Promise<void> | undefined;

  constructor({ native, component, memorySetting, joinFilters, onClose }: ConnectionParts) {
    this.native = native;
    this.#component = component;
    this.#memorySetting = memorySetting;
    this.#joinFilters = joinFilters;
    this.#onClose = onClose;
  }

  run(sql: string, parameters?: QueryParameters, options?: StatementOptions): Promise<bigint> {
    return this.#execute(options, async () => {
      const result = await (parameters === undefined
        ? this.#attend(() => duckdb.query(rawConnection(this.native), sql))
        : this.#start({ sql, parameters }, duckdb.execute_prepared));
      return changedRows(result);
    });
  }

  rows(
    sql: string,
    parameters?: QueryParameters,
    options?: StatementOptions,
  ): Promise<readonly (readonly RowValue[])[]> {
    return this.#execute(options, async () => {
      const result = await this.#start({ sql, parameters }, duckdb.execute_prepared);
      const batch = await readAll(result);
      const readers = batch.data.children.map(createValueReader);
      return Array.from({ length: batch.numRows }, (_, row) => readers.map((read) => read(row)));
    });
  }

  describe(sql: string): Promise<Schema> {
    return this.#execute(undefined, async () => {
      const statement = await this.#attend(() => duckdb.prepare(rawConnection(this.native), sql));
      try {
        return preparedColumns(statement).schema;
      } finally {
        duckdb.destroy_prepare_sync(statement);
      }
    });
  }

  async stream(request: StreamRequest): Promise<QueryStream> {
    try {
      return await this.#execute(request, () => this.#startStream(request));
    } catch (error) {
      request.onClose?.('incomplete');
      throw error;
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#disconnect();
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #startStream(request: StreamRequest): Promise<QueryStream> {
    const { sql, parameters, signal, batchRowCount } = request;
    const startedAt = performance.now();
    const result = await this.#start(request, duckdb.execute_prepared_streaming);
    const stream = new ResultStream({
      connection: this.native,
      result,
      reader: await this.#batchReader(result),
      component: this.#component,
      signal,
      batchRowCount,
      diagnose: () =>
        this.#attend(() =>
          diagnoseFailure({
            connection: this.native,
            sql,
            parameters,
            component: this.#component,
            memorySetting: this.#memorySetting,
            startedAt,
          }),
        ),
      onClose: (outcome) => {
        this.#stream = undefined;
        request.onClose?.(outcome);
      },
    });
    this.#stream = stream;
    return stream;
  }

  /** Prepares a statement and starts it. One with parameters is planned when it starts, which is too late for join filters. */
  #start({ sql, parameters, joinFilters }: StreamRequest, execute: Execute): Promise<Result> {
    const hasParameters = parameters !== undefined && Object.keys(parameters).length > 0;
    const filters = joinFilters === 'on' && !hasParameters ? this.#joinFilters : undefined;
    const around = filters && (<T>(prepare: () => Promise<T>) => filters.prepareWithFilters(prepare));
    return this.#attend(() => withPrepared(this.native, { sql, parameters, around }, execute));
  }

  /** Everything that plans or starts a statement runs in here. */
  #attend<T>(start: () => Promise<T>): Promise<T> {
    return this.#joinFilters === undefined ? start() : this.#joinFilters.attend(start);
  }

  async #batchReader(result: Result): Promise<BatchReader> {
    try {
      return new BatchReader(resultColumns(result));
    } catch (error) {
      await drainResult(this.native, result);
      throw error;
    }
  }

  /** Runs one piece of work while nothing else does, and gives its failure a code. */
  async #execute<T>(options: StatementOptions | undefined, work: () => Promise<T>): Promise<T> {
    this.#checkFree();
    const signal = options?.signal;
    if (signal?.aborted) {
      throw cancelledError(this.#component, signal);
    }
    const running = work();
    this.#work = running;
    try {
      return await interruptible(this.native, running, signal);
    } catch (error) {
      throw signal?.aborted
        ? cancelledError(this.#component, signal)
        : classifyDuckDbError(error, this.#component, { memorySetting: this.#memorySetting });
    } finally {
      this.#work = undefined;
    }
  }

  #checkFree(): void {
    if (this.#closing !== undefined) {
      throw this.#stateError('the connection is closed', 'Open another one');
    }
    if (this.#work !== undefined || this.#stream !== undefined) {
      throw this.#stateError(
        'the connection is busy with another statement',
        'A second statement would end the first without a word; use a connection for each',
      );
    }
  }

  #stateError(message: string, hint: string): MillraceError {
    return new MillraceError({ code: 'invalid_state', component: this.#component, message, hint });
  }

  async #disconnect(): Promise<void> {
    if (this.#work !== undefined) {
      await interruptUntilSettled(this.native, this.#work);
    }
    await this.#stream?.close();
    this.native.closeSync();
    this.#onClose();
  }
}

/** All rows of a materialised result; its failure was thrown when it ran. */
async function readAll(result: Result): Promise<RecordBatch> {
  const reader = new BatchReader(resultColumns(result));
  for (;;) {
    const chunk = await duckdb.fetch_chunk(result);
    if (chunk === null || duckdb.data_chunk_get_size(chunk) === 0) {
      return reader.finish(0);
    }
    reader.append(chunk);
  }
}
