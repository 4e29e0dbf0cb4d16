import { commonForm, createLiteralReader, createNullTest, normalizeColumn, valueForm } from '@millrace/arrow';
import { type ColumnData, type DataType, FloatPrecision, TypeId } from '@millrace/core';

/** Bytes of a text that a number tells apart exactly. */
const PREFIX_BYTES = 6;

/** A column whose values have an order, the engine's: texts by bytes, NaN above every number. Rows that are null are asked for nothing else. */
export interface OrderedColumn {
  readonly isNull: (row: number) => boolean;
  /** Never falls where the values rise. */
  readonly approximate: (row: number) => number;
  /** The order of two rows whose approximations are equal; absent where their values are equal then. Another column is one of the same type. */
  readonly compare?: (row: number, other: OrderedColumn, otherRow: number) => number;
}

/** Whether values of a type have an order. */
export function hasOrder(type: DataType): boolean {
  return !['opaque', 'null'].includes(valueForm(type));
}

/** Reads the order of a column's values from its buffers; undefined for a type without one. */
export function openOrdered(source: ColumnData): OrderedColumn | undefined {
  const column = normalizeColumn(source);
  const { type } = column;
  if (!hasOrder(type)) return undefined;
  switch (type.typeId) {
    case TypeId.Utf8:
    case TypeId.LargeUtf8:
    case TypeId.Binary:
    case TypeId.LargeBinary:
    case TypeId.FixedSizeBinary:
      return openBytes(column);
    case TypeId.Bool:
    case TypeId.Dictionary:
      return openValues(column);
    case TypeId.Decimal:
      return openWords(column, (type.bitWidth ?? 128) / 32);
    case TypeId.Float:
      return type.precision === FloatPrecision.Half ? openValues(column) : openNumbers(column);
    default: {
      const { values } = column;
      const width = values && 'BYTES_PER_ELEMENT' in values ? Number(values.BYTES_PER_ELEMENT) : 4;
      return width === 8 ? openWords(column, 2) : openNumbers(column);
    }
  }
}

function openNumbers(column: ColumnData): OrderedColumn {
  const values = column.values as Float64Array;
  const isNull = createNullTest(column);
  if (column.type.typeId !== TypeId.Float) return { isNull, approximate: (row) => values[row] ?? 0 };
  const isNoNumber = (row: number): boolean => Number.isNaN(values[row]);
  return new NumberColumn(
    isNull,
    (row) => (isNoNumber(row) ? Number.POSITIVE_INFINITY : (values[row] ?? 0)),
    isNoNumber,
  );
}

/** Floats: what comes last is infinite, or no number. */
class NumberColumn implements OrderedColumn {
  constructor(
    readonly isNull: (row: number) => boolean,
    readonly approximate: (row: number) => number,
    readonly isNoNumber: (row: number) => boolean,
  ) {}

  readonly compare = (row: number, other: OrderedColumn, otherRow: number): number =>
    Number(this.isNoNumber(row)) - Number((other as NumberColumn).isNoNumber(otherRow));
}

function openWords(column: ColumnData, wordCount: number): OrderedColumn {
  const { buffer, byteOffset } = column.values!;
  const words = new Uint32Array(buffer as ArrayBuffer, byteOffset, column.length * wordCount);
  const isUnsigned = column.type.typeId === TypeId.Int && column.type.isSigned === false;
  return new WordColumn(createNullTest(column), words, wordCount, isUnsigned);
}

/** Little-endian integers of several words, in two's complement unless they are unsigned. */
class WordColumn implements OrderedColumn {
  constructor(
    readonly isNull: (row: number) => boolean,
    readonly words: Uint32Array,
    readonly wordCount: number,
    readonly isUnsigned: boolean,
  ) {}

  /** A word below those that a double holds is too small to change it, so that rounding keeps the order. */
  readonly approximate = (row: number): number => {
    const { wordCount } = this;
    let value = this.#top(row);
    for (let word = wordCount - 2; word >= 0; word--)
      value = value * 0x1_0000_0000 + (this.words[row * wordCount + word] ?? 0);
    return value;
  };

  readonly compare = (row: number, other: OrderedColumn, otherRow: number): number => {
    const right = other as WordColumn;
    const { wordCount } = this;
    const top = this.#top(row) - right.#top(otherRow);
    if (top !== 0) return top;
    for (let word = wordCount - 2; word >= 0; word--) {
      const difference = (this.words[row * wordCount + word] ?? 0) - (right.words[otherRow * wordCount + word] ?? 0);
      if (difference !== 0) return difference;
    }
    return 0;
  };

  #top(row: number): number {
    const word = this.words[(row + 1) * this.wordCount - 1] ?? 0;
    return this.isUnsigned ? word : word | 0;
  }
}

/** The order of texts by so many of their first characters. The column is one of texts. */
export function openTextStart(source: ColumnData, characterCount: number): OrderedColumn {
  const column = normalizeColumn(source);
  const { bytes, offset } = bytesOf(column);
  return new BytesColumn(createNullTest(column), bytes, offset, (row) => {
    const last = offset(row + 1);
    let end = offset(row);
    for (let count = 0; end < last; end++) {
      // All bytes of a character but its first one begin with the bits 10.
      if (((bytes[end] ?? 0) & 0xc0) !== 0x80 && count++ === characterCount) break;
    }
    return end;
  });
}

function openBytes(column: ColumnData): OrderedColumn {
  const { bytes, offset } = bytesOf(column);
  return new BytesColumn(createNullTest(column), bytes, offset, (row) => offset(row + 1));
}

function bytesOf({ values, valueOffsets, type }: ColumnData): {
  readonly bytes: Uint8Array;
  readonly offset: (row: number) => number;
} {
  const width = type.byteWidth ?? 0;
  const offset = valueOffsets
    ? (row: number): number => Number(valueOffsets[row] ?? 0)
    : (row: number): number => row * width;
  return { bytes: values as Uint8Array, offset };
}

/** Strings of bytes; one that another one begins with comes first. */
class BytesColumn implements OrderedColumn {
  constructor(
    readonly isNull: (row: number) => boolean,
    readonly bytes: Uint8Array,
    readonly start: (row: number) => number,
    readonly end: (row: number) => number,
  ) {}

  readonly approximate = (row: number): number => {
    const start = this.start(row);
    const end = this.end(row);
    let value = 0;
    for (let index = start; index < start + PREFIX_BYTES; index++)
      value = value * 256 + (index < end ? (this.bytes[index] ?? 0) : 0);
    return value;
  };

  readonly compare = (row: number, other: OrderedColumn, otherRow: number): number => {
    const right = other as BytesColumn;
    const start = this.start(row);
    const otherStart = right.start(otherRow);
    const length = this.end(row) - start;
    const otherLength = right.end(otherRow) - otherStart;
    const shared = Math.min(length, otherLength);
    for (let index = 0; index < shared; index++) {
      const difference = (this.bytes[start + index] ?? 0) - (right.bytes[otherStart + index] ?? 0);
      if (difference !== 0) return difference;
    }
    return length - otherLength;
  };
}

/** Values that are read one by one: truth values, half floats, dictionaries. */
function openValues(column: ColumnData): OrderedColumn {
  return new ValueColumn(column);
}

class ValueColumn implements OrderedColumn {
  readonly isNull: (row: number) => boolean;
  readonly #read: ReturnType<typeof createLiteralReader>;
  readonly #form: ReturnType<typeof commonForm>;

  constructor(column: ColumnData) {
    this.isNull = createNullTest(column);
    this.#read = createLiteralReader(column);
    const type = column.type.typeId === TypeId.Dictionary ? column.type.dictionary : column.type;
    this.#form = type ? commonForm(type, type) : undefined;
  }

  readonly approximate = (): number => 0;

  readonly compare = (row: number, other: OrderedColumn, otherRow: number): number => {
    const value = this.#read(row);
    const otherValue = (other as ValueColumn).#read(otherRow);
    if (value === null || otherValue === null || this.#form === undefined) return 0;
    return this.#form.compare(this.#form.left(value), this.#form.right(otherValue));
  };
}
