import { type DuckDBEnumType, DuckDBTypeId } from '@duckdb/node-api';
import { type ColumnData, TypeId } from '@millrace/core';
import { checkSameType } from './check-type.ts';
import { type ColumnSource, type CreateWriter, columnError, type WriteRows } from './column-source.ts';
import { createGatherer, joinColumns } from './gather-rows.ts';
import { createOffsetReader } from './offsets.ts';
import { checkedBytes, copyToVector, valueBytes } from './raw-vector.ts';
import { scratchBytes, scratchWords } from './scratch.ts';
import { isUtf8Run, type StringRun, writeStrings } from './string-entries.ts';
import { allVisible, hideRow, isVisible, type RowMask, visibleRows, writeMask } from './validity.ts';

/** A dictionary up to this many bytes of text is handed to DuckDB whole with each chunk; of a larger one only the rows used. */
const MAX_WHOLE_BYTES = 1 << 15;

/** Writes dictionaries: as ENUM where the target is one, else the values that the indices choose. */
export function createDictionaryWriter(source: ColumnSource, createWriter: CreateWriter): WriteRows {
  const { column, field, path, target } = source;
  const valueType = field.type.dictionary;
  if (valueType === undefined) {
    throw columnError(path, 'has no value type in its dictionary');
  }
  const values = joinColumns(column.dictionary?.data ?? []);
  const choose = createChooser(source, values);
  if (values === undefined) {
    return (vector, start, count, mask) => writeMask(vector, choose(start, count, mask).visible);
  }
  const valueSource: ColumnSource = {
    column: values,
    field: { name: field.name, nullable: true, type: valueType },
    target,
    path,
  };
  if (target.typeId === DuckDBTypeId.ENUM) {
    return createEnumWriter(valueSource, target, choose);
  }
  const run = smallText(valueSource);
  if (run !== undefined) {
    return (vector, start, count, mask) => {
      const { rows, visible } = choose(start, count, mask);
      writeMask(vector, visible);
      writeStrings(vector, run, rows);
    };
  }
  // Made once for its checks of the values' buffers, on which gathering relies.
  createWriter(valueSource);
  const gather = createGatherer(values);
  return (vector, start, count, mask) => {
    const { rows, visible } = choose(start, count, mask);
    createWriter({ ...valueSource, column: gather(rows) })(vector, 0, count, visible);
  };
}

/** The value that each row chooses, 0 for a hidden row, and which rows choose a value that is not null. */
interface Chosen {
  readonly rows: Int32Array;
  readonly visible: RowMask | undefined;
}

type Choose = (start: number, count: number, mask: RowMask | undefined) => Chosen;

function createChooser(source: ColumnSource, values: ColumnData | undefined): Choose {
  const { column, path } = source;
  const readIndex = indexReader(source);
  const valueCount = values?.length ?? 0;
  const bitmap = values?.nullCount === 0 ? undefined : values?.nullBitmap;
  const nulls = bitmap && bitmap.length > 0 ? bitmap : undefined;
  return (start, count, mask) => {
    let visible = visibleRows(column, start, count, mask);
    const rows = scratchWords(count);
    for (let row = 0; row < count; row++) {
      if (!isVisible(visible, row)) {
        rows[row] = 0;
        continue;
      }
      const index = readIndex(start + row);
      if (!(index >= 0 && index < valueCount)) {
        throw columnError(path, `has an index outside its dictionary at position ${start + row}`);
      }
      rows[row] = index;
      if (nulls !== undefined) {
        const bit = (values?.offset ?? 0) + index;
        if (((nulls[bit >> 3] as number) & (1 << (bit & 7))) === 0) {
          visible = visible === undefined || visible === mask ? copyMask(visible, count) : visible;
          hideRow(visible, row);
        }
      }
    }
    return { rows, visible };
  };
}

/** A mask of one's own to change. */
function copyMask(mask: RowMask | undefined, count: number): RowMask {
  const copy = allVisible(count);
  if (mask !== undefined) {
    copy.set(mask);
  }
  return copy;
}

function indexReader({ column, path }: ColumnSource): (row: number) => number {
  const { bitWidth = 32, isSigned = true } = column.type.indices ?? {};
  const bytes = valueBytes(column, bitWidth >> 3, path);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (bitWidth) {
    case 8:
      return isSigned ? (row) => view.getInt8(row) : (row) => view.getUint8(row);
    case 16:
      return isSigned ? (row) => view.getInt16(row * 2, true) : (row) => view.getUint16(row * 2, true);
    case 32:
      return isSigned ? (row) => view.getInt32(row * 4, true) : (row) => view.getUint32(row * 4, true);
    case 64:
      return (row) => Number(view.getBigInt64(row * 8, true));
    default:
      throw columnError(path, `has dictionary indices of ${bitWidth} bits`, 'unsupported_type');
  }
}

/** The values as one run of strings, where they are text or bytes and few enough to be handed over with every chunk. */
function smallText(source: ColumnSource): StringRun | undefined {
  const { column, path, target } = source;
  const { typeId } = column.type;
  const isText = typeId === TypeId.Utf8 || typeId === TypeId.LargeUtf8;
  const isBytes = typeId === TypeId.Binary || typeId === TypeId.LargeBinary;
  if ((!isText || target.typeId !== DuckDBTypeId.VARCHAR) && (!isBytes || target.typeId !== DuckDBTypeId.BLOB)) {
    return undefined;
  }
  checkSameType(source);
  const run = stringRun(column, path);
  const byteCount = (run.offsets[column.length] as number) - (run.offsets[0] as number);
  return byteCount <= MAX_WHOLE_BYTES && (!isText || isUtf8Run(run)) ? run : undefined;
}

function createEnumWriter(source: ColumnSource, target: DuckDBEnumType, choose: Choose): WriteRows {
  const { column, path } = source;
  checkSameType(source);
  const members = new Map(target.values.map((member, index) => [member, index]));
  const { bytes, offsets } = stringRun(column, path);
  const memberOf = Int32Array.from({ length: column.length }, (_, row) => {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(
      'utf8',
      offsets[row],
      offsets[row + 1],
    );
    return members.get(text) ?? -1;
  });
  const width = enumWidth(target);
  return (vector, start, count, mask) => {
    const { rows, visible } = choose(start, count, mask);
    writeMask(vector, visible);
    const target = scratchBytes(count * width);
    for (let row = 0, at = 0; row < count; row++, at += width) {
      const member = memberOf[rows[row] as number] as number;
      if (member < 0 && isVisible(visible, row)) {
        throw columnError(path, `has a value that is no member of its enum at position ${start + row}`);
      }
      for (let byte = 0; byte < width; byte++) {
        target[at + byte] = member >> (byte * 8);
      }
    }
    copyToVector(vector, 0, target);
  };
}

function enumWidth(target: DuckDBEnumType): number {
  switch (target.internalTypeId) {
    case DuckDBTypeId.UTINYINT:
      return 1;
    case DuckDBTypeId.USMALLINT:
      return 2;
    default:
      return 4;
  }
}

function stringRun(column: ColumnData, path: string): StringRun {
  const bytes = checkedBytes(column.values, 0, path, 'values');
  return { bytes, offsets: createOffsetReader({ column, path }, bytes.length)(0, column.length) };
}
