import { type ColumnData, type DataType, MillraceError, TypeId } from '@millrace/core';
import { layoutOf } from '../layout.ts';
import { getBit } from '../reshape/bits.ts';
import { createObjectMaker } from './object-maker.ts';
import { createOffsetReader } from './offsets.ts';
import type { LiteralLike } from './row-value.ts';

/** Reads the value of a row; rows are not checked against the length. */
export type Reader = (row: number) => LiteralLike;

/** What tells one family of readers from another: its scalars, and whether a union's value says which child it is of. */
export interface ReaderForms {
  readonly scalar: (column: ColumnData) => Reader;
  readonly union: 'tagged' | 'plain';
}

/** Puts readers of nested columns together out of readers of scalars; the column is normalized, nulls are handled here. */
export function createNestedReader(column: ColumnData, forms: ReaderForms): Reader {
  const read = createValidReader(column, forms);
  const { nullBitmap } = column;
  return nullBitmap ? (row) => (getBit(nullBitmap, row) ? read(row) : null) : read;
}

function createValidReader(column: ColumnData, forms: ReaderForms): Reader {
  const layout = layoutOf(column.type);
  switch (layout.kind) {
    case 'none':
      return () => null;
    case 'bits':
    case 'fixed':
    case 'bytes':
      return forms.scalar(column);
    case 'list':
      return column.type.typeId === TypeId.Map ? mapReader(column, forms) : listReader(column, forms);
    case 'fixed_list':
      return fixedListReader(column, layout.listSize, forms);
    case 'struct':
      return createObjectMaker(childNames(column.type), childReaders(column, forms));
    case 'union':
      return unionReader(column, forms);
    case 'dictionary':
      return dictionaryReader(column, forms);
    default:
      return layout satisfies never;
  }
}

function listReader(column: ColumnData, forms: ReaderForms): Reader {
  const item = createNestedReader(childAt(column, 0), forms);
  const offset = createOffsetReader(column);
  return (row) => readRange(item, offset(row), offset(row + 1));
}

function fixedListReader(column: ColumnData, listSize: number, forms: ReaderForms): Reader {
  const item = createNestedReader(childAt(column, 0), forms);
  return (row) => readRange(item, row * listSize, (row + 1) * listSize);
}

function mapReader(column: ColumnData, forms: ReaderForms): Reader {
  const entries = childAt(column, 0);
  const key = createNestedReader(childAt(entries, 0), forms);
  const value = createNestedReader(childAt(entries, 1), forms);
  const offset = createOffsetReader(column);
  return (row) => readRange((entry) => [key(entry), value(entry)], offset(row), offset(row + 1));
}

function unionReader(column: ColumnData, forms: ReaderForms): Reader {
  const { type, typeIds, valueOffsets } = column;
  const names = childNames(type);
  const readers = childReaders(column, forms);
  const ordinals = new Map(readers.map((_, ordinal) => [type.typeIds?.[ordinal] ?? ordinal, ordinal]));
  return (row) => {
    const ordinal = ordinals.get(typeIds?.[row] ?? 0);
    const read = ordinal === undefined ? undefined : readers[ordinal];
    if (ordinal === undefined || !read) throw brokenColumn('a union row has a type id that its type does not list');
    const value = read(valueOffsets ? Number(valueOffsets[row]) : row);
    return forms.union === 'tagged' ? { tag: names[ordinal] ?? '', value } : value;
  };
}

function dictionaryReader(column: ColumnData, forms: ReaderForms): Reader {
  const indices = column.values as unknown as ArrayLike<number | bigint>;
  const value = chunkedReader(column.dictionary?.data ?? [], forms);
  const dictionaryType = column.type.dictionary;
  const isText = dictionaryType?.typeId === TypeId.Utf8 || dictionaryType?.typeId === TypeId.LargeUtf8;
  if (!isText) return (row) => value(Number(indices[row]));
  // The same few strings are asked for again and again; decode each once.
  const cache: (LiteralLike | undefined)[] = [];
  return (row) => {
    const index = Number(indices[row]);
    const cached = cache[index];
    if (cached !== undefined) return cached;
    const text = value(index);
    cache[index] = text;
    return text;
  };
}

/** Reads the values of a dictionary, which come in chunks that follow each other. */
function chunkedReader(chunks: readonly ColumnData[], forms: ReaderForms): Reader {
  const readers = chunks.map((chunk) => ({ read: createNestedReader(chunk, forms), length: chunk.length }));
  return (index) => {
    let rest = index;
    for (const { read, length } of readers) {
      if (rest < length) return read(rest);
      rest -= length;
    }
    throw brokenColumn('a dictionary index lies beyond the values of the dictionary');
  };
}

function readRange(read: Reader, start: number, end: number): LiteralLike {
  const values: LiteralLike[] = new Array(end - start);
  for (let index = start; index < end; index++) values[index - start] = read(index);
  return values;
}

function childReaders(column: ColumnData, forms: ReaderForms): Reader[] {
  return column.children.map((child) => createNestedReader(child, forms));
}

function childNames(type: DataType): readonly string[] {
  return (type.children ?? []).map((child) => child.name);
}

function childAt(column: ColumnData, ordinal: number): ColumnData {
  const child = column.children[ordinal];
  if (!child) throw brokenColumn('a nested column lacks one of its children');
  return child;
}

function brokenColumn(message: string): MillraceError {
  return new MillraceError({
    code: 'invalid_data',
    component: 'arrow',
    message,
    hint: 'Fix whoever made the batch: type and buffers have to agree.',
  });
}
