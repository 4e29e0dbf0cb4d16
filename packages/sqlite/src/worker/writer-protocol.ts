import type { MessagePort } from 'node:worker_threads';
import type { Query, SqliteValue, WorkerFailure } from './protocol.ts';

/** What a worker that writes is started with. */
export interface WriterSettings {
  readonly access: 'write';
  /** The database; it is created where it is missing, in a folder that is there. */
  readonly path: string;
  readonly busyTimeoutMs: number;
  /** An empty database whose lock is held as long as the worker lives, so that there is one writer. */
  readonly lockPath: string;
}

/** What a worker is started with that holds the writers of several databases. */
export interface HostSettings {
  readonly access: 'host';
}

/** Sent to such a worker: another writer, which is asked through the port. */
export interface HostedWriter {
  readonly port: MessagePort;
  readonly settings: WriterSettings;
}

/** The integers that a double holds, and 64-bit ones. */
export type IntegerArray =
  | Int8Array
  | Int16Array
  | Int32Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

/** The values of one column that are written, on memory that can be transferred. */
export type InputValues =
  | { readonly kind: 'null' }
  /** One bit a row. */
  | { readonly kind: 'bool'; readonly values: Uint8Array }
  /** Unsigned 64-bit integers from 2^63 on are written as texts of 20 digits. */
  | { readonly kind: 'int'; readonly values: IntegerArray }
  /** NaN is written as the text `NaN`. */
  | { readonly kind: 'float'; readonly values: Float32Array | Float64Array }
  /** Offsets begin at 0. */
  | { readonly kind: 'text' | 'binary'; readonly offsets: Int32Array; readonly bytes: Uint8Array }
  | { readonly kind: 'fixed_binary'; readonly byteWidth: number; readonly bytes: Uint8Array }
  /** `integers` are those that 64 bits hold; `blobs` are bytes that sort as the numbers do. */
  | {
      readonly kind: 'unscaled';
      readonly wordCount: 4 | 8;
      readonly words: Uint32Array;
      readonly form: 'integers' | 'blobs';
    }
  | { readonly kind: 'dictionary'; readonly indices: IntegerArray; readonly values: readonly InputColumn[] };

/** One column that is written; a bit that is 0 in `validity` makes its row NULL. */
export interface InputColumn {
  readonly values: InputValues;
  readonly length: number;
  readonly validity?: Uint8Array | undefined;
}

/** What is asked of a worker that writes. It answers each request once, in order, and stops at the first statement that fails. */
export type WriterRequest =
  | { readonly kind: 'run'; readonly statements: readonly Query[] }
  /** Inserts rows into a table, which is quoted, as they follow one another. Names are for messages. */
  | {
      readonly kind: 'insert';
      readonly table: string;
      readonly rowCount: number;
      readonly names: readonly string[];
      readonly columns: readonly InputColumn[];
    }
  /** Closes the connection, which rolls a transaction back. Nothing is asked afterwards. */
  | { readonly kind: 'close' };

/** What one statement gave. */
export interface StatementResult {
  /** Rows that it changed. */
  readonly changeCount: number;
  readonly rows: readonly (readonly SqliteValue[])[];
}

/** The answer to one request. */
export type WriterAnswer =
  | { readonly kind: 'ran'; readonly results: readonly StatementResult[] }
  | { readonly kind: 'failed'; readonly failure: WorkerFailure };
