import type { Transferable } from 'node:worker_threads';
import type { Query } from '../worker/protocol.ts';
import type {
  InputColumn,
  InputValues,
  StatementResult,
  WriterAnswer,
  WriterRequest,
  WriterSettings,
} from '../worker/writer-protocol.ts';
import { WorkerChannel } from './worker-channel.ts';
import { createWorkerPeer } from './worker-peer.ts';
import type { WriterThreads } from './writer-threads.ts';

/** Rows that a table takes, with values in columns whose buffers go to the worker: they are gone here afterwards. */
export interface InsertRequest {
  /** Quoted; it has the columns of the request, in their order. */
  readonly table: string;
  readonly rowCount: number;
  /** Of the columns, for messages. */
  readonly names: readonly string[];
  readonly columns: readonly InputColumn[];
}

/**
 * The one connection that writes to a database, in a worker thread of its own or in one of those that are given; it holds the database's lock from its first request to its end,
 * against other processes and other parts of this one. Requests are answered in order.
 */
export class WriterClient {
  readonly #channel: WorkerChannel<WriterRequest, WriterAnswer>;

  constructor(settings: Omit<WriterSettings, 'access'>, threads?: WriterThreads) {
    const given: WriterSettings = { access: 'write', ...settings };
    this.#channel = new WorkerChannel(threads?.open(given) ?? createWorkerPeer(given));
  }

  /** False once the thread has ended. */
  get isAlive(): boolean {
    return this.#channel.isAlive;
  }

  /** Runs statements one after the other up to the first that fails. @throws SqliteFailure */
  async run(statements: readonly (string | Query)[]): Promise<readonly StatementResult[]> {
    const queries = statements.map((statement) =>
      typeof statement === 'string' ? { sql: statement, parameters: [] } : statement,
    );
    return (await this.#channel.request({ kind: 'run', statements: queries })).results;
  }

  /** Inserts rows in their order. @throws SqliteFailure; some rows before the one that failed are written in the transaction. */
  async insert(request: InsertRequest): Promise<void> {
    const buffers = new Set(request.columns.flatMap(buffersOf));
    await this.#channel.request({ kind: 'insert', ...request }, [...buffers]);
  }

  /** Closes the connection once it has done what was asked; a transaction is rolled back. Ends a thread of its own. Idempotent. */
  async close(): Promise<void> {
    if (this.isAlive) await this.#channel.request({ kind: 'close' }).catch(() => undefined);
    await this.#channel.terminate();
    this.#channel.lose('the database was closed');
  }
}

function buffersOf({ values, validity }: InputColumn): Transferable[] {
  return [...viewsOf(values), validity].flatMap((view) => (view === undefined ? [] : [view.buffer as ArrayBuffer]));
}

function viewsOf(values: InputValues): readonly (ArrayBufferView | undefined)[] {
  switch (values.kind) {
    case 'null':
      return [];
    case 'bool':
    case 'int':
    case 'float':
      return [values.values];
    case 'text':
    case 'binary':
      return [values.offsets, values.bytes];
    case 'fixed_binary':
      return [values.bytes];
    case 'unscaled':
      return [values.words];
    case 'dictionary':
      return [values.indices, ...values.values.flatMap((chunk) => [...viewsOf(chunk.values), chunk.validity])];
    default:
      return values satisfies never;
  }
}
