import { DuckDBStructType, type DuckDBType } from '@duckdb/node-api';
import duckdb from '@duckdb/node-bindings';
import { type ColumnData, type Field, TypeId } from '@millrace/core';
import { type ColumnSource, type CreateWriter, columnError, type WriteRows } from './column-source.ts';
import { createOffsetReader } from './offsets.ts';
import { copyToVector } from './raw-vector.ts';
import { scratchWords } from './scratch.ts';
import { allVisible, hideRow, isVisible, type RowMask, visibleRows, writeMask } from './validity.ts';

/** Lists of one chunk share a child vector, whose entries hold offsets below 2^31 here. */
const MAX_ITEMS = 0x7fffffff;

/** Writes lists: an entry of offset and length a row, and the child rows of the chunk behind one another. */
export function createListWriter(source: ColumnSource, itemType: DuckDBType, createWriter: CreateWriter): WriteRows {
  const { column, path } = source;
  const item = childSource(source, 0, itemType);
  const readOffsets = createOffsetReader(source, item.column.length);
  const writeItems = createWriter(item);
  const isMap = column.type.typeId === TypeId.Map;
  return (vector, start, count, mask) => {
    const visible = visibleRows(column, start, count, mask);
    writeMask(vector, visible);
    const offsets = readOffsets(start, count);
    const first = offsets[0] as number;
    const itemCount = (offsets[count] as number) - first;
    const entries = scratchWords(count * 4).fill(0);
    let itemMask: RowMask | undefined;
    for (let row = 0; row < count; row++) {
      const at = (offsets[row] as number) - first;
      const end = (offsets[row + 1] as number) - first;
      if (isVisible(visible, row)) {
        entries[row * 4] = at;
        entries[row * 4 + 2] = end - at;
      } else if (end > at) {
        itemMask = hideRows(itemMask ?? allVisible(itemCount), at, end);
      }
    }
    if (itemCount > MAX_ITEMS) {
      throw columnError(path, `has more than ${MAX_ITEMS} list items within ${count} rows`, 'unsupported');
    }
    // Reserving comes first: setting a size allocates nothing.
    duckdb.list_vector_reserve(vector, itemCount);
    duckdb.list_vector_set_size(vector, itemCount);
    if (itemCount > 0) {
      if (isMap) {
        checkMapKeys(item, { first, count: itemCount, mask: itemMask });
      }
      writeItems(duckdb.list_vector_get_child(vector), first, itemCount, itemMask);
    }
    copyToVector(vector, 0, entries);
  };
}

/** A map is a list of structs of key and value. */
export function createMapWriter(
  source: ColumnSource,
  types: { readonly keyType: DuckDBType; readonly valueType: DuckDBType },
  createWriter: CreateWriter,
): WriteRows {
  const entryType = new DuckDBStructType(['key', 'value'], [types.keyType, types.valueType]);
  return createListWriter(source, entryType, createWriter);
}

/** Writes fixed-size lists: the child vector holds `length` rows for each row, also for nulls. */
export function createArrayWriter(
  source: ColumnSource,
  { valueType, length }: { readonly valueType: DuckDBType; readonly length: number },
  createWriter: CreateWriter,
): WriteRows {
  const { column, path } = source;
  const item = childSource(source, 0, valueType);
  if (item.column.length < column.length * length) {
    throw columnError(path, 'has fewer items than its rows need');
  }
  const writeItems = createWriter(item);
  return (vector, start, count, mask) => {
    const visible = visibleRows(column, start, count, mask);
    writeMask(vector, visible);
    let itemMask: RowMask | undefined;
    for (let row = 0; visible !== undefined && row < count; row++) {
      if (!isVisible(visible, row)) {
        itemMask = hideRows(itemMask ?? allVisible(count * length), row * length, (row + 1) * length);
      }
    }
    writeItems(duckdb.array_vector_get_child(vector), start * length, count * length, itemMask);
  };
}

/** Writes structs: each field in a child vector of its own; a null struct is null in all its fields too. */
export function createStructWriter(
  source: ColumnSource,
  entryTypes: readonly DuckDBType[],
  createWriter: CreateWriter,
): WriteRows {
  const { column, path } = source;
  const writeFields = entryTypes.map((entryType, index) => {
    const child = childSource(source, index, entryType);
    if (child.column.length < column.length) {
      throw columnError(path, `has fewer rows in field ${JSON.stringify(child.field.name)} than in all`);
    }
    return createWriter(child);
  });
  return (vector, start, count, mask) => {
    const visible = visibleRows(column, start, count, mask);
    writeMask(vector, visible);
    for (const [index, writeField] of writeFields.entries()) {
      writeField(duckdb.struct_vector_get_child(vector, index), start, count, visible);
    }
  };
}

/** A child of a nested column with what is known about it. */
export function childSource({ column, field, path }: ColumnSource, index: number, target: DuckDBType): ColumnSource {
  const child: ColumnData | undefined = column.children[index];
  const childField: Field | undefined = field.type.children?.[index];
  if (child === undefined || childField === undefined) {
    throw columnError(path, `has no child ${index + 1}`);
  }
  return { column: child, field: childField, target, path: `${path}.${childField.name}` };
}

function hideRows(mask: RowMask, start: number, end: number): RowMask {
  for (let row = start; row < end; row++) {
    hideRow(mask, row);
  }
  return mask;
}

/** DuckDB's map functions take keys for not null; a key that no visible map reaches may be. */
function checkMapKeys({ column, path }: ColumnSource, range: ItemRange): void {
  const keys = column.children[0];
  const visible = keys && visibleRows(keys, range.first, range.count, range.mask);
  if (visible === undefined || visible === range.mask) {
    return;
  }
  for (let row = 0; row < range.count; row++) {
    if (isVisible(range.mask, row) && !isVisible(visible, row)) {
      throw columnError(path, `has a null key at position ${range.first + row}`);
    }
  }
}

/** The child rows of one chunk, and which of them a visible row reaches. */
interface ItemRange {
  readonly first: number;
  readonly count: number;
  readonly mask: RowMask | undefined;
}
