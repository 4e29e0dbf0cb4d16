import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { adoptTable, type RowValue, rowsFromBatch, writeIpcStream } from '@millrace/arrow';
import { MillraceError, type RecordBatch, type Schema } from '@millrace/core';
import type { QueryStream } from '@millrace/duckdb';
import type { CacheStatus } from './results-cache/cache-status.ts';

/** One row as an object: column names to values, in the forms of {@link QueryResult.toRows}. */
export type Row = Readonly<Record<string, RowValue>>;

/** What any version of apache-arrow can make a table from. */
export interface ArrowModule<Table> {
  tableFromIPC(bytes: Uint8Array): Table;
}

/** The part of an apache-arrow table that every version since 15 has. */
export interface ArrowTable {
  readonly numRows: number;
  readonly numCols: number;
  readonly schema: Schema;
  readonly batches: readonly RecordBatch[];
  get(index: number): unknown;
  getChild(name: string): unknown;
  toArray(): unknown[];
}

/**
 * The rows of one query, as they arrive. It is read once: by `for await` over record batches, or by one of the methods.
 *
 * Leaving the loop, `close()` or `await using` cancels what is still running. It ends normally only if every row was
 * delivered; a failure, an abort or a close in between rejects.
 */
export class QueryResult implements AsyncIterable<RecordBatch>, AsyncDisposable {
  readonly schema: Schema;
  /** Whether the rows come from the results cache. */
  readonly cacheStatus: CacheStatus;
  readonly #stream: QueryStream;
  readonly #hostRoot: string;
  readonly #clean: (error: unknown) => unknown;
  #isRead = false;

  /** @internal */
  constructor(
    stream: QueryStream,
    host: {
      readonly hostRoot: string;
      readonly cacheStatus: CacheStatus;
      /** Takes secrets out of an error. */
      readonly clean: (error: unknown) => unknown;
    },
  ) {
    this.schema = stream.schema;
    this.cacheStatus = host.cacheStatus;
    this.#stream = stream;
    this.#hostRoot = host.hostRoot;
    this.#clean = host.clean;
  }

  /** @throws MillraceError `invalid_state` at the second call, which would find no rows. */
  [Symbol.asyncIterator](): AsyncIterator<RecordBatch> {
    if (this.#isRead) {
      throw new MillraceError({
        code: 'invalid_state',
        component: 'query result',
        message: 'it has been read already',
        hint: 'Keep what the first reading gave, or run the query again.',
      });
    }
    this.#isRead = true;
    const iterator = this.#stream[Symbol.asyncIterator]();
    return {
      next: () =>
        iterator.next().catch((error: unknown) => {
          throw this.#clean(error);
        }),
      return: async () => {
        await this.#stream.close();
        return { done: true, value: undefined };
      },
    };
  }

  /** The rows one by one, in the forms of {@link QueryResult.toRows}. */
  async *rows(): AsyncGenerator<Row, void, undefined> {
    for await (const batch of this) yield* rowsFromBatch(batch);
  }

  /**
   * All rows as objects, without loss: 64-bit integers are bigint, decimals exact strings, dates and times ISO strings with all
   * their digits, binary Uint8Array, lists arrays, structs objects, maps arrays of pairs. Of two columns with one name the later
   * gets a suffix.
   */
  async toRows(): Promise<Row[]> {
    const rows: Row[] = [];
    for await (const batch of this) for (const row of rowsFromBatch(batch)) rows.push(row);
    return rows;
  }

  /** The whole result as a table of the given apache-arrow module. */
  toTable<Table>(arrow: ArrowModule<Table>): Promise<Table>;
  /** The whole result as a table of the host's own apache-arrow, or of Millrace's where the host has none. */
  toTable(): Promise<ArrowTable>;
  async toTable<Table>(arrow?: ArrowModule<Table>): Promise<Table | ArrowTable> {
    const batches: RecordBatch[] = [];
    for await (const batch of this) batches.push(batch);
    const module = arrow ?? (await importHostArrow(this.#hostRoot));
    if (!module) return adoptTable(this.schema, batches) as unknown as ArrowTable;
    // Another copy of apache-arrow does not know this one's classes; bytes are what all versions agree on.
    const chunks: Uint8Array[] = [];
    for await (const chunk of writeIpcStream(this.schema, batches)) chunks.push(chunk);
    return module.tableFromIPC(Buffer.concat(chunks)) as Table | ArrowTable;
  }

  /** Cancels what is still running and frees what the query holds. Idempotent. */
  close(): Promise<void> {
    return this.#stream.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

async function importHostArrow(hostRoot: string): Promise<ArrowModule<ArrowTable> | undefined> {
  let path: string;
  try {
    path = createRequire(join(hostRoot, 'package.json')).resolve('apache-arrow');
  } catch {
    return undefined; // The host does not depend on apache-arrow.
  }
  const module: unknown = await import(pathToFileURL(path).href);
  return module as ArrowModule<ArrowTable>;
}
