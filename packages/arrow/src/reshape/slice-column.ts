import type { ColumnData } from '@millrace/core';
import { layoutOf } from '../layout.ts';
import { viewElements } from './view-buffer.ts';

/**
 * The rows from `start` to `end` of a column in the same memory, by core's rule on `offset`: bit-packed buffers stay whole,
 * all others and the children that are as long as the column are cut. The caller has checked the range.
 */
export function sliceColumn(column: ColumnData, start: number, end: number): ColumnData {
  const length = end - start;
  if (start === 0 && length === column.length) return column;
  const layout = layoutOf(column.type);
  const slice = {
    ...takeParts(column),
    length,
    offset: column.offset + start,
    nullCount: column.nullCount === 0 ? 0 : -1,
  };
  switch (layout.kind) {
    case 'none':
      return { ...slice, nullCount: length };
    case 'bits':
      return slice;
    case 'fixed': {
      const { array, stride } = layout;
      return {
        ...slice,
        values: viewElements(column.values, array, column.length * stride).subarray(start * stride, end * stride),
      };
    }
    case 'bytes':
    case 'list':
      return { ...slice, valueOffsets: column.valueOffsets?.subarray(start, end + 1) };
    case 'fixed_list':
      return { ...slice, children: sliceChildren(column, start * layout.listSize, end * layout.listSize) };
    case 'struct':
      return { ...slice, children: sliceChildren(column, start, end) };
    case 'union': {
      const typeIds = column.typeIds?.subarray(start, end);
      return layout.isDense
        ? { ...slice, typeIds, valueOffsets: column.valueOffsets?.subarray(start, end) }
        : { ...slice, typeIds, children: sliceChildren(column, start, end) };
    }
    case 'dictionary':
      return { ...slice, values: viewElements(column.values, layout.array, column.length).subarray(start, end) };
    default:
      return layout satisfies never;
  }
}

function sliceChildren(column: ColumnData, start: number, end: number): readonly ColumnData[] {
  return column.children.map((child) => sliceColumn(child, start, end));
}

/** A plain copy of the members of core's interface: apache-arrow's are partly getters and on the prototype. */
function takeParts(column: ColumnData): ColumnData {
  const { type, length, offset, nullCount, values, valueOffsets, nullBitmap, typeIds, children, dictionary } = column;
  return { type, length, offset, nullCount, values, valueOffsets, nullBitmap, typeIds, children, dictionary };
}
