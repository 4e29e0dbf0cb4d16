import { isUtf8 } from 'node:buffer';
import type { Database } from 'better-sqlite3';
import type { ColumnPacker } from './column-packer.ts';
import { createPacker } from './create-packer.ts';
import { FailureError } from './failure.ts';
import type { PackedBatch, PackedColumn, ScanColumn, ScanOrder, SqliteValue } from './protocol.ts';
import type { StopSignal } from './stop-signal.ts';

/**
 * Rows of the first batch; each further one is four times as large, up to what was asked for. Most results of keyed look-ups fit: with buffers for
 * 2,048 rows, thousands of them keep the garbage collector of the main thread busy for a fifth of their time.
 */
const FIRST_BATCH_ROWS = 256;
/** A batch that has grown to this many bytes of texts and blobs ends early. */
const BATCH_BYTES = 8 * 1024 * 1024;
/** The wish to stop is looked up once in so many rows. */
const STOP_CHECK_MASK = 0x3ff;
/** The size of a batch is added up once in so many rows. */
const SIZE_CHECK_MASK = 0xf;
/** What decoders put in the place of bytes that are not UTF-8; a text may also hold it. */
const REPLACEMENT = Buffer.from('\uFFFD', 'utf8');

/** Reads the rows of one statement into batches. */
export class ScanReader {
  readonly #database: Database;
  readonly #columns: readonly ScanColumn[];
  readonly #batchRowCount: number;
  readonly #rows: IterableIterator<readonly SqliteValue[]>;
  readonly #stop: StopSignal;
  readonly #checkedTexts = new Set<ScanColumn>();
  #byteCapacities: (number | undefined)[] = [];
  #nextRowCount: number;
  #isDone = false;

  constructor(database: Database, order: ScanOrder, stop: StopSignal) {
    this.#database = database;
    this.#columns = order.columns;
    this.#batchRowCount = order.batchRowCount;
    this.#nextRowCount = Math.min(FIRST_BATCH_ROWS, order.batchRowCount);
    this.#stop = stop;
    this.#rows = database
      .prepare(order.query.sql)
      .raw()
      .safeIntegers()
      .iterate(...order.query.parameters) as IterableIterator<readonly SqliteValue[]>;
  }

  /** The next rows, undefined at the end. @throws FailureError `conflict` for a value that contradicts its column's type. */
  next(): PackedBatch | undefined {
    if (this.#isDone) return undefined;
    const capacity = this.#nextRowCount;
    const columns = this.#columns;
    const packers = columns.map(({ codec }, index) => createPacker(codec, capacity, this.#byteCapacities[index]));
    let row = 0;
    let textBytes = 0;
    while (row < capacity && textBytes < BATCH_BYTES) {
      if ((row & STOP_CHECK_MASK) === 0) this.#stop.check();
      if ((row & SIZE_CHECK_MASK) === 0) textBytes = packers.reduce((sum, { byteCount }) => sum + byteCount, 0);
      const step = this.#rows.next();
      if (step.done === true) {
        this.#isDone = true;
        break;
      }
      const values = step.value;
      for (let index = 0; index < columns.length; index++) {
        const value = values[index] as SqliteValue;
        const packer = packers[index] as ColumnPacker;
        if (value === null) this.#packNull(packer, columns[index] as ScanColumn, row);
        else if (!packer.pack(row, value)) this.#conflict(packer, columns[index] as ScanColumn, row, value);
      }
      row++;
    }
    this.#nextRowCount = Math.min(this.#nextRowCount * 4, this.#batchRowCount);
    const growth = this.#nextRowCount / Math.max(row, 1);
    this.#byteCapacities = packers.map(({ byteCount }) =>
      Math.min(Math.ceil(byteCount * growth * 1.1) + 64, BATCH_BYTES * 2),
    );
    return row === 0 ? undefined : this.#finish(packers, row);
  }

  /** Ends the statement. Idempotent. */
  close(): void {
    this.#isDone = true;
    this.#rows.return?.();
  }

  #finish(packers: readonly ColumnPacker[], rowCount: number): PackedBatch {
    const finished: PackedColumn[] = [];
    for (const [index, packer] of packers.entries()) {
      const column = this.#columns[index] as ScanColumn;
      const packed = packer.finish(rowCount);
      this.#checkText(column, packed);
      if (!column.isHidden) finished.push(packed);
    }
    return { rowCount, isLast: this.#isDone, columns: finished };
  }

  #packNull(packer: ColumnPacker, column: ScanColumn, row: number): void {
    // SQLite enforces NOT NULL, but a damaged or patched file may hold one all the same.
    if (!column.nullable) throw conflictOf(column, 'NULL');
    packer.packNull(row);
  }

  #conflict(packer: ColumnPacker, column: ScanColumn, row: number, value: NonNullable<SqliteValue>): void {
    if (column.onConflict === 'error') throw conflictOf(column, storageClassOf(value));
    packer.packNull(row);
  }

  /** Texts arrive decoded, so that bytes which are not UTF-8 have become replacement characters: then the bytes themselves decide. */
  #checkText(column: ScanColumn, { values }: PackedColumn): void {
    const { textBytesSql, codec } = column;
    if ((codec.kind !== 'text' && codec.kind !== 'any_text') || textBytesSql === undefined) return;
    if (this.#checkedTexts.has(column)) return;
    const bytes = Buffer.from(values.buffer as ArrayBuffer, values.byteOffset, values.byteLength);
    if (!bytes.includes(REPLACEMENT)) return;
    this.#checkedTexts.add(column);
    for (const [text] of this.#database.prepare(textBytesSql).raw().iterate() as Iterable<[Uint8Array]>) {
      this.#stop.check();
      if (!isUtf8(text)) throw conflictOf(column, 'text that is not UTF-8');
    }
  }
}

function conflictOf({ name, sourceType }: ScanColumn, found: string): FailureError {
  return new FailureError({ kind: 'conflict', column: name, sourceType, found });
}

function storageClassOf(value: NonNullable<SqliteValue>): string {
  if (typeof value === 'bigint') return 'INTEGER';
  if (typeof value === 'number') return 'REAL';
  return typeof value === 'string' ? 'TEXT' : 'BLOB';
}
