import type { PackedColumn, SqliteValue } from './protocol.ts';

/** Packs the values of one column of one batch into Arrow's buffers. */
export interface ColumnPacker {
  /**
   * Packs the value of row `row`; rows come in order.
   * @returns false, having packed nothing, for a value that the column's type cannot hold.
   */
  pack(row: number, value: NonNullable<SqliteValue>): boolean;
  packNull(row: number): void;
  /** Bytes of variable length so far. */
  readonly byteCount: number;
  /** The buffers of the first `rowCount` rows; each stands on memory of its own, which can be transferred. */
  finish(rowCount: number): PackedColumn;
}

/** The bits that tell which rows are null; nothing is allocated before the first one. */
export class Validity {
  readonly #capacity: number;
  #bitmap: Uint8Array | undefined;
  nullCount = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  markNull(row: number): void {
    this.#bitmap ??= new Uint8Array(Math.ceil(this.#capacity / 8)).fill(0xff);
    this.#bitmap[row >> 3]! &= ~(1 << (row & 7));
    this.nullCount++;
  }

  finish(): Pick<PackedColumn, 'nullCount' | 'nullBitmap'> {
    return { nullCount: this.nullCount, ...(this.#bitmap && { nullBitmap: this.#bitmap }) };
  }
}

/** The typed arrays of fixed-width values. */
export type FixedArray =
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array
  | Float32Array
  | Float64Array;

/** A packer of one fixed-width value a row; `store` returns false for a value that does not fit. */
export function fixedPacker<Values extends FixedArray>(
  values: Values,
  capacity: number,
  store: (values: Values, row: number, value: NonNullable<SqliteValue>) => boolean,
): ColumnPacker {
  const validity = new Validity(capacity);
  const stride = values.length / capacity;
  return {
    pack: (row, value) => store(values, row, value),
    packNull: (row) => validity.markNull(row),
    byteCount: 0,
    finish: (rowCount) => ({ ...validity.finish(), values: values.subarray(0, rowCount * stride) }),
  };
}

/** A packer of bits. */
export function bitPacker(
  capacity: number,
  read: (value: NonNullable<SqliteValue>) => boolean | undefined,
): ColumnPacker {
  const validity = new Validity(capacity);
  const bits = new Uint8Array(Math.ceil(capacity / 8));
  return {
    pack(row, value) {
      const bit = read(value);
      if (bit) bits[row >> 3]! |= 1 << (row & 7);
      return bit !== undefined;
    },
    packNull: (row) => validity.markNull(row),
    byteCount: 0,
    finish: () => ({ ...validity.finish(), values: bits }),
  };
}

const ENCODER = new TextEncoder();
/** Up to here a loop over ASCII characters beats the call of the encoder. */
const SHORT_TEXT = 48;
const BYTES_PER_ROW = 16;

/** A packer of texts or bytes. */
export class BytesPacker implements ColumnPacker {
  readonly #validity: Validity;
  readonly #offsets: Int32Array;
  readonly #toBytes: (value: NonNullable<SqliteValue>) => string | Uint8Array | undefined;
  #bytes: Uint8Array<ArrayBuffer>;
  #end = 0;

  /** @param byteCapacity room for bytes at first, what the batch before took. */
  constructor(
    capacity: number,
    byteCapacity: number | undefined,
    toBytes: (value: NonNullable<SqliteValue>) => string | Uint8Array | undefined,
  ) {
    this.#validity = new Validity(capacity);
    this.#offsets = new Int32Array(capacity + 1);
    this.#bytes = new Uint8Array(byteCapacity ?? capacity * BYTES_PER_ROW);
    this.#toBytes = toBytes;
  }

  get byteCount(): number {
    return this.#end;
  }

  pack(row: number, value: NonNullable<SqliteValue>): boolean {
    const given = this.#toBytes(value);
    if (given === undefined) return false;
    if (typeof given === 'string') this.#packText(given);
    else {
      this.#reserve(given.length);
      this.#bytes.set(given, this.#end);
      this.#end += given.length;
    }
    this.#offsets[row + 1] = this.#end;
    return true;
  }

  packNull(row: number): void {
    this.#validity.markNull(row);
    this.#offsets[row + 1] = this.#end;
  }

  finish(rowCount: number): PackedColumn {
    return {
      ...this.#validity.finish(),
      values: this.#bytes.subarray(0, this.#end),
      valueOffsets: this.#offsets.subarray(0, rowCount + 1),
    };
  }

  #packText(text: string): void {
    const { length } = text;
    // A code unit takes three bytes of UTF-8 at most.
    this.#reserve(length * 3);
    const bytes = this.#bytes;
    const start = this.#end;
    let index = 0;
    if (length <= SHORT_TEXT) {
      for (; index < length; index++) {
        const unit = text.charCodeAt(index);
        if (unit > 0x7f) break;
        bytes[start + index] = unit;
      }
    }
    this.#end = index === length ? start + length : start + ENCODER.encodeInto(text, bytes.subarray(start)).written;
  }

  #reserve(byteCount: number): void {
    const needed = this.#end + byteCount;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.#end));
    this.#bytes = grown;
  }
}
