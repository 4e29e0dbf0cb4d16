import { type ColumnData, type DataType, dataTypes } from '@millrace/core';

/** The type of all amounts of TPC-H. */
export const AMOUNT: DataType = dataTypes.decimal(15, 2);

/** A column of 32-bit integers over the array's own memory. */
export function integerColumn(values: Int32Array): ColumnData {
  return fixedColumn(dataTypes.int32(), values.length, values);
}

/** A column of dates, given as days since 1970-01-01, over the array's own memory. */
export function dateColumn(days: Int32Array): ColumnData {
  return fixedColumn(dataTypes.date(), days.length, days);
}

/** A column of 64-bit integers from whole numbers of 0 or more. */
export function longColumn(keys: Float64Array): ColumnData {
  const words = new Uint32Array(keys.length * 2);
  for (let row = 0; row < keys.length; row++) {
    const key = keys[row] as number;
    words[row * 2] = key >>> 0;
    words[row * 2 + 1] = Math.floor(key / 4_294_967_296);
  }
  return fixedColumn(dataTypes.int64(), keys.length, new BigInt64Array(words.buffer));
}

/** A column of {@link AMOUNT}, given in hundredths. */
export function amountColumn(hundredths: Int32Array): ColumnData {
  const words = new Uint32Array(hundredths.length * 4);
  for (let row = 0; row < hundredths.length; row++) {
    const value = hundredths[row] as number;
    words[row * 4] = value;
    if (value < 0) words.fill(0xffffffff, row * 4 + 1, row * 4 + 4);
  }
  return fixedColumn(AMOUNT, hundredths.length, words);
}

function fixedColumn(type: DataType, length: number, values: ArrayBufferView): ColumnData {
  return { type, length, offset: 0, nullCount: 0, values, children: [] };
}
