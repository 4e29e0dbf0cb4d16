/** A value as SQLite holds it: integers are bigint, reals number, texts string, blobs bytes. */
export type SqliteValue = null | bigint | number | string | Uint8Array;

/** One statement and its values. */
export interface Query {
  readonly sql: string;
  readonly parameters: readonly SqliteValue[];
}

/** How the values of one column are packed; plain data, as it crosses to the worker. */
export type ColumnCodec =
  | { readonly kind: 'int'; readonly bitWidth: 8 | 16 | 32 | 64; readonly isSigned: boolean }
  | { readonly kind: 'float' }
  | { readonly kind: 'bool' }
  /** Texts alone. */
  | { readonly kind: 'text' }
  /** Texts, and numbers as text. */
  | { readonly kind: 'any_text' }
  | { readonly kind: 'binary' }
  | { readonly kind: 'date' }
  | { readonly kind: 'time' }
  /** `hasZone`: texts carry an offset and are instants; otherwise they carry none. */
  | { readonly kind: 'timestamp'; readonly hasZone: boolean }
  | { readonly kind: 'decimal'; readonly precision: number; readonly scale: number }
  /** Reals, and NaN as the text `NaN`, which sorts above every number. */
  | { readonly kind: 'any_float'; readonly bitWidth: 32 | 64 }
  /** Integers below 2^63, and from there on texts of 20 digits, which sort above every integer. */
  | { readonly kind: 'any_uint64' }
  /** Decimals without their point, in 32-bit words: integers, or blobs whose bytes sort as the numbers do. */
  | { readonly kind: 'unscaled'; readonly wordCount: 4 | 8 }
  /** Blobs of one length, side by side without offsets. */
  | { readonly kind: 'fixed_binary'; readonly byteWidth: number };

/** What to do with a value that the column's type cannot hold. */
export type ConflictAction = 'error' | 'null';

/** One column of a scan. */
export interface ScanColumn {
  readonly name: string;
  /** The declared type, for messages. */
  readonly sourceType: string;
  readonly codec: ColumnCodec;
  readonly nullable: boolean;
  readonly onConflict: ConflictAction;
  /** Read and checked, but not handed over: a filter relies on it. */
  readonly isHidden: boolean;
  /** A query of all its texts as blobs, to tell a replacement character from bytes that are not UTF-8. */
  readonly textBytesSql?: string;
}

/** A query whose one value must be as it was when the scan was planned. */
export interface DefinitionCheck {
  readonly query: Query;
  readonly expected: string;
}

/** One scan. */
export interface ScanOrder {
  readonly query: Query;
  readonly columns: readonly ScanColumn[];
  /** Rows that a batch holds at most. */
  readonly batchRowCount: number;
  readonly definition?: DefinitionCheck;
}

/** What a worker that reads is started with. */
export interface WorkerSettings {
  readonly access: 'read';
  readonly path: string;
  readonly busyTimeoutMs: number;
  /** One integer, shared: not 0 tells the worker to give up what it does. */
  readonly stop: Int32Array;
}

/** What the main thread asks for. The worker answers each request once, in order. */
export type WorkerRequest =
  | { readonly kind: 'rows'; readonly queries: readonly Query[] }
  /** Starts a read transaction; its snapshot is fixed when the answer arrives. */
  | { readonly kind: 'begin' }
  /** Opens a scan, in the transaction that was begun or in one of its own; answered with its first batch. */
  | { readonly kind: 'open'; readonly order: ScanOrder }
  | { readonly kind: 'next' }
  /** Ends scan and transaction. */
  | { readonly kind: 'close' };

/** One column's buffers, as Arrow lays them out. */
export interface PackedColumn {
  readonly nullCount: number;
  readonly nullBitmap?: Uint8Array;
  readonly values: ArrayBufferView;
  readonly valueOffsets?: Int32Array;
}

/** Rows in columns; hidden columns are left out. */
export interface PackedBatch {
  readonly rowCount: number;
  /** There are no further rows, and the scan and its transaction have ended. */
  readonly isLast: boolean;
  readonly columns: readonly PackedColumn[];
}

/** Why a request failed; plain data, as errors lose their properties on the way. */
export type WorkerFailure =
  | { readonly kind: 'sqlite'; readonly code: string; readonly message: string }
  | { readonly kind: 'conflict'; readonly column: string; readonly sourceType: string; readonly found: string }
  | { readonly kind: 'changed' }
  | { readonly kind: 'stopped' }
  /** Another process, or another part of this one, writes to the database. */
  | { readonly kind: 'owned' }
  | { readonly kind: 'lost'; readonly message: string };

/** The answer to one request. */
export type WorkerAnswer =
  | { readonly kind: 'rows'; readonly results: readonly (readonly (readonly SqliteValue[])[])[] }
  | { readonly kind: 'done' }
  | { readonly kind: 'batch'; readonly batch: PackedBatch }
  | { readonly kind: 'end' }
  | { readonly kind: 'failed'; readonly failure: WorkerFailure };
