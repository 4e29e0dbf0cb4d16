/** Where rows are written: one buffer, and the position of the next byte of each row. */
export interface CopyTarget {
  readonly bytes: Uint8Array;
  /** Over the same bytes. */
  readonly view: DataView;
  /** Of row `start + i` of the chunk: element `i`. Writers move them on. */
  readonly positions: Int32Array;
}

/** Rows from `start` up to, not including, `end`. */
export interface RowRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Writes one column of a chunk of rows in the form of binary COPY: an int32 length, -1 for NULL, then the value.
 *
 * Source: https://www.postgresql.org/docs/current/sql-copy.html, "Binary Format".
 */
export interface ColumnWriter {
  /** Adds the bytes that each row takes to `sizes`. Called before {@link write}, with the same range. */
  measure(range: RowRange, sizes: Int32Array): void;
  write(range: RowRange, target: CopyTarget): void;
}

/** Whether a row has a value. */
export function isValid(validity: Uint8Array | undefined, row: number): boolean {
  return validity === undefined || (validity[row >> 3]! & (1 << (row & 7))) !== 0;
}

/** Adds the sizes of values of one width. */
export function measureFixed(
  { start, end }: RowRange,
  sizes: Int32Array,
  value: { readonly width: number; readonly validity: Uint8Array | undefined },
): void {
  const { width, validity } = value;
  if (validity === undefined) {
    for (let row = 0; row < end - start; row += 1) sizes[row]! += width + 4;
    return;
  }
  for (let row = start; row < end; row += 1) sizes[row - start]! += isValid(validity, row) ? width + 4 : 4;
}

/** Bytes up to which a loop copies faster than a call. */
const SHORT = 40;

/** Writes length and bytes of one value, and gives the position behind them. */
export function writeBytes(
  { bytes: target, view }: CopyTarget,
  at: number,
  value: { readonly bytes: Uint8Array; readonly start: number; readonly end: number },
): number {
  const { bytes, start, end } = value;
  const length = end - start;
  view.setInt32(at, length);
  let to = at + 4;
  if (length <= SHORT) {
    for (let from = start; from < end; from += 1, to += 1) target[to] = bytes[from]!;
    return to;
  }
  target.set(bytes.subarray(start, end), to);
  return to + length;
}
