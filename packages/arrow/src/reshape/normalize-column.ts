import type { ColumnData } from '@millrace/core';
import { type Layout, layoutOf, type OffsetWidth } from '../layout.ts';
import { alignBits } from './bits.ts';
import { lengthenWithNulls, paddedBits, paddedElements, paddedOffsets } from './pad-nulls.ts';
import { sliceColumn } from './slice-column.ts';
import { shortBuffer, viewBytes, viewElements } from './view-buffer.ts';

type Dictionary = NonNullable<ColumnData['dictionary']>;

const normalized = new WeakSet<ColumnData>();
const dictionaries = new WeakMap<Dictionary, Dictionary>();

/**
 * The column in the one form that code over raw buffers has to know: `offset` 0, so that row `i` is bit `i` and element
 * `i` everywhere; values in the canonical array of the type (64-bit values as BigInt64Array or BigUint64Array), cut to
 * `length`; no bitmap where nothing is null; the same for all children and dictionary chunks. The same dictionary object
 * always comes out as the same object, so that it can still be recognised.
 *
 * Copies nothing but bits that do not start at a byte boundary, buffers that are not aligned, and buffers that lack the
 * nulls at their end, as apache-arrow's may. Offsets of text and lists
 * may still begin above 0. Children of a list, map or dense union stay whole.
 *
 * @throws MillraceError `invalid_data` when a buffer is shorter than the length demands.
 */
export function normalizeColumn(column: ColumnData): ColumnData {
  if (normalized.has(column)) return column;
  const layout = layoutOf(column.type);
  const result: ColumnData = {
    type: column.type,
    length: column.length,
    offset: 0,
    ...validityOf(column, layout),
    ...buffersOf(column, layout),
    children: normalizeChildren(column, layout),
  };
  normalized.add(result);
  return result;
}

type Buffers = Pick<ColumnData, 'values' | 'valueOffsets' | 'typeIds' | 'dictionary'>;

function validityOf(column: ColumnData, layout: Layout): Pick<ColumnData, 'nullCount' | 'nullBitmap'> {
  if (layout.kind === 'none') return { nullCount: column.length };
  const { nullBitmap, nullCount, offset, length } = column;
  if (nullCount === 0 || !nullBitmap || nullBitmap.byteLength === 0) return { nullCount: 0 };
  const bits = viewBytes(nullBitmap);
  if (bits.length * 8 < offset + length) throw shortBuffer(bits.length * 8, offset + length);
  return { nullCount, nullBitmap: alignBits(bits, offset, length) };
}

function buffersOf(column: ColumnData, layout: Layout): Buffers {
  const { length } = column;
  switch (layout.kind) {
    case 'none':
    case 'struct':
    case 'fixed_list':
      return {};
    case 'bits':
      return { values: paddedBits(column) };
    case 'fixed':
      return { values: paddedElements(column, layout.array, layout.stride) };
    case 'bytes':
      return { values: viewBytes(column.values), valueOffsets: offsetsOf(column, layout.offsetWidth) };
    case 'list':
      return { valueOffsets: offsetsOf(column, layout.offsetWidth) };
    case 'union': {
      // Type ids are 8-bit; core also allows 32-bit ones, which some producers hold.
      const typeIds = column.typeIds ?? new Int8Array(0);
      if (typeIds.length < length) throw shortBuffer(typeIds.length, length);
      const cut = typeIds.length === length ? typeIds : typeIds.subarray(0, length);
      if (!layout.isDense) return { typeIds: cut };
      return { typeIds: cut, valueOffsets: viewElements(column.valueOffsets, Int32Array, length) as Int32Array };
    }
    case 'dictionary':
      return {
        values: paddedElements(column, layout.array, 1),
        dictionary: normalizeDictionary(column.dictionary ?? { data: [] }),
      };
    default:
      return layout satisfies never;
  }
}

/** An empty column may come without offsets at all. */
function offsetsOf(column: ColumnData, width: OffsetWidth): Int32Array | BigInt64Array {
  if (column.length > 0 || column.valueOffsets?.length) return paddedOffsets(column, width);
  return width === 64 ? new BigInt64Array(1) : new Int32Array(1);
}

function normalizeDictionary(dictionary: Dictionary): Dictionary {
  const known = dictionaries.get(dictionary);
  if (known) return known;
  const result = { data: dictionary.data.map(normalizeColumn) };
  dictionaries.set(dictionary, result);
  dictionaries.set(result, result);
  return result;
}

/** Children whose rows are the column's own get its length, others stay whole. */
function normalizeChildren(column: ColumnData, layout: Layout): readonly ColumnData[] {
  const needed = childLength(column.length, layout);
  return column.children.map((child) => {
    if (needed === undefined || child.length === needed) return normalizeColumn(child);
    return normalizeColumn(child.length > needed ? sliceColumn(child, 0, needed) : lengthenWithNulls(child, needed));
  });
}

function childLength(length: number, layout: Layout): number | undefined {
  if (layout.kind === 'struct' || (layout.kind === 'union' && !layout.isDense)) return length;
  return layout.kind === 'fixed_list' ? length * layout.listSize : undefined;
}
