import { type Breather, createLiteralReader, createNullTest, type LiteralLike, normalizeColumn } from '@millrace/arrow';
import type { ColumnData, PartitionDatePart } from '@millrace/core';
import { datePartReader } from './date-part.ts';
import { openOrdered } from './ordered-column.ts';

/** Rows whose least and greatest value are known together; a multiple of 8, so that a block's nulls begin at a byte. */
export const BLOCK_ROWS = 8_192;
/** Rows that are looked at between two looks at the clock. */
const WINDOW_ROWS = 2_048;
/** Longer texts are no bounds. */
const MAX_BOUND_LENGTH = 256;

/** What is known of the values of one column in one block of rows. */
export interface Bounds {
  readonly nullCount: number;
  /** Rows with a value. */
  readonly valueCount: number;
  /** The least value, or undefined where it is not known. */
  readonly low: LiteralLike | undefined;
  /** The greatest one. */
  readonly high: LiteralLike | undefined;
}

/** A column, or a part of its dates. */
export interface Measure {
  readonly ordinal: number;
  readonly part?: PartitionDatePart;
}

type ColumnBounds = Promise<readonly Bounds[] | undefined>;

/** Bounds that are known or being worked out. */
const known = new WeakMap<ColumnData, Map<PartitionDatePart | 'value', ColumnBounds>>();

/**
 * The bounds of a column's blocks, in order. They are worked out when they are first asked for, once for all who ask meanwhile, and kept for as long
 * as the column is: it never changes, and the versions of a table share those that they share. Undefined for a column without an order.
 *
 * @throws MillraceError `cancelled` by the breather.
 */
export async function boundsOf(
  column: ColumnData,
  part: PartitionDatePart | undefined,
  breather: Breather,
): ColumnBounds {
  const key = part ?? 'value';
  const ofColumn = known.get(column) ?? new Map<PartitionDatePart | 'value', ColumnBounds>();
  known.set(column, ofColumn);
  for (let begun = ofColumn.get(key); begun !== undefined; begun = ofColumn.get(key)) {
    try {
      return await begun;
    } catch {
      // Whoever began it was cancelled.
      if (ofColumn.get(key) === begun) ofColumn.delete(key);
    }
  }
  const own = part === undefined ? valueBounds(column, breather) : partBounds(column, part, breather);
  ofColumn.set(key, own);
  try {
    return await own;
  } catch (error) {
    if (ofColumn.get(key) === own) ofColumn.delete(key);
    throw error;
  }
}

async function valueBounds(column: ColumnData, breather: Breather): Promise<readonly Bounds[] | undefined> {
  const ordered = openOrdered(column);
  if (ordered === undefined) return undefined;
  const { isNull, approximate, compare } = ordered;
  const read = createLiteralReader(column);
  const blocks: Bounds[] = [];
  for (let start = 0; start < column.length; start += BLOCK_ROWS) {
    const end = Math.min(start + BLOCK_ROWS, column.length);
    let lowRow = -1;
    let highRow = -1;
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    let nullCount = 0;
    for (let row = start; row < end; row++) {
      if (row % WINDOW_ROWS === 0) await breather.breathe();
      if (isNull(row)) {
        nullCount += 1;
        continue;
      }
      const value = approximate(row);
      if (lowRow < 0 || value < low || (value === low && compare !== undefined && compare(row, ordered, lowRow) < 0)) {
        lowRow = row;
        low = value;
      }
      if (
        highRow < 0 ||
        value > high ||
        (value === high && compare !== undefined && compare(row, ordered, highRow) > 0)
      ) {
        highRow = row;
        high = value;
      }
    }
    const valueCount = end - start - nullCount;
    blocks.push({
      nullCount,
      valueCount,
      low: valueCount === 0 ? undefined : asBound(read(lowRow)),
      high: valueCount === 0 ? undefined : asBound(read(highRow)),
    });
  }
  return blocks;
}

async function partBounds(
  column: ColumnData,
  part: PartitionDatePart,
  breather: Breather,
): Promise<readonly Bounds[] | undefined> {
  const read = datePartReader(column, part);
  if (read === undefined) return undefined;
  const isNull = createNullTest(normalizeColumn(column));
  const blocks: Bounds[] = [];
  for (let start = 0; start < column.length; start += BLOCK_ROWS) {
    const end = Math.min(start + BLOCK_ROWS, column.length);
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    let nullCount = 0;
    let isKnown = true;
    for (let row = start; row < end; row++) {
      if (row % WINDOW_ROWS === 0) await breather.breathe();
      const value = read(row);
      if (value === undefined) {
        if (isNull(row)) nullCount += 1;
        else isKnown = false;
        continue;
      }
      if (value < low) low = value;
      if (value > high) high = value;
    }
    const valueCount = end - start - nullCount;
    const bound = (value: number) => (isKnown && valueCount > 0 ? BigInt(value) : undefined);
    blocks.push({ nullCount, valueCount, low: bound(low), high: bound(high) });
  }
  return blocks;
}

/** A text of any length is not held on to. */
function asBound(value: LiteralLike): LiteralLike | undefined {
  const isLong = (typeof value === 'string' || value instanceof Uint8Array) && value.length > MAX_BOUND_LENGTH;
  return isLong ? undefined : value;
}
