import { type ColumnData, type DataType, type Expr, FloatPrecision, type Schema, TypeId } from '@millrace/core';
import type { Value } from './compiled.ts';
import { createNullTest } from './null-test.ts';
import { commonForm, compareBytes, scaleOf, valueForm } from './value-form.ts';

/** Tells of one row of a batch whether a condition is TRUE. */
export type RowTest = (row: number) => boolean;

type Comparison = 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge';

const MIRRORED: Readonly<Record<Comparison, Comparison>> = {
  eq: 'eq',
  ne: 'ne',
  lt: 'gt',
  le: 'ge',
  gt: 'lt',
  ge: 'le',
};

/**
 * Prepares a comparison of a top-level column with a literal to run on the raw buffers: numbers in their typed arrays, 64-bit
 * integers and decimals word by word, texts by bytes. An optimisation only: undefined means that the general evaluator is to be used.
 */
export function compileColumnTest(expr: Expr, schema: Schema): ((column: ColumnData) => RowTest) | undefined {
  if (expr.kind !== 'call' || !(expr.function in MIRRORED) || expr.args.length !== 2) return undefined;
  const comparison = expr.function as Comparison;
  const [left, right] = expr.args as readonly [Expr, Expr];
  if (left.kind === 'column' && right.kind === 'literal')
    return testOf(columnType(left.path, schema), comparison, right.value, right.type);
  if (left.kind === 'literal' && right.kind === 'column')
    return testOf(columnType(right.path, schema), MIRRORED[comparison], left.value, left.type);
  return undefined;
}

/** The ordinal of the column that a comparison accepted by {@link compileColumnTest} reads. */
export function testedColumn(expr: Expr, schema: Schema): number {
  const column = expr.kind === 'call' ? expr.args.find((arg) => arg.kind === 'column') : undefined;
  return schema.fields.findIndex((field) => field.name === column?.path[0]);
}

function columnType(path: readonly string[], schema: Schema): DataType | undefined {
  return path.length === 1 ? schema.fields.find((field) => field.name === path[0])?.type : undefined;
}

function testOf(
  type: DataType | undefined,
  comparison: Comparison,
  value: Value,
  valueType: DataType,
): ((column: ColumnData) => RowTest) | undefined {
  if (type === undefined || value === null || type.typeId === TypeId.Dictionary) return undefined;
  if (commonForm(type, valueType) === undefined) return undefined;
  switch (valueForm(type)) {
    case 'integer':
    case 'float':
    case 'date':
      return numberTest(type, comparison, value, valueType);
    case 'long':
    case 'decimal':
    case 'timestamp':
      return wordTest(type, comparison, value, valueType);
    case 'text':
      return typeof value === 'string' ? bytesTest(comparison, new TextEncoder().encode(value)) : undefined;
    default:
      return undefined;
  }
}

function numberTest(
  type: DataType,
  comparison: Comparison,
  value: Value,
  valueType: DataType,
): ((column: ColumnData) => RowTest) | undefined {
  const single = valueType.typeId === TypeId.Float && valueType.precision === FloatPrecision.Single;
  const bound = single && typeof value === 'number' ? Math.fround(value) : value;
  if (typeof bound !== 'number' || Number.isNaN(bound)) return undefined;
  if (type.typeId === TypeId.Float && type.precision === FloatPrecision.Half) return undefined;
  if (type.typeId === TypeId.Date && type.unit !== 0) return undefined;
  return (column) => {
    const values = column.values as Float64Array;
    return notNullAnd(column, compareNumbers(values, comparison, bound));
  };
}

/** NaN is above every number, so it fails `lt` and `le` and passes `gt` and `ge`. */
function compareNumbers(values: Float64Array, comparison: Comparison, bound: number): RowTest {
  switch (comparison) {
    case 'eq':
      return (row) => values[row] === bound;
    case 'ne':
      return (row) => values[row] !== bound;
    case 'lt':
      return (row) => values[row]! < bound;
    case 'le':
      return (row) => values[row]! <= bound;
    case 'gt':
      return (row) => !(values[row]! <= bound);
    case 'ge':
      return (row) => !(values[row]! < bound);
  }
}

/** Compares little-endian two's complement words from the highest down, without making a bigint a row. */
function wordTest(
  type: DataType,
  comparison: Comparison,
  value: Value,
  valueType: DataType,
): ((column: ColumnData) => RowTest) | undefined {
  if (scaleOf(type) !== scaleOf(valueType)) return undefined;
  const unsigned = type.typeId === TypeId.Int && type.isSigned === false;
  const wordCount = type.typeId === TypeId.Decimal ? (type.bitWidth ?? 128) / 32 : 2;
  if (typeof value !== 'bigint' && typeof value !== 'number') return undefined;
  const exact = BigInt(value);
  const bits = wordCount * 32;
  if ((unsigned ? BigInt.asUintN(bits, exact) : BigInt.asIntN(bits, exact)) !== exact) return undefined;
  const bound = new Uint32Array(wordCount);
  for (let word = 0; word < wordCount; word++) bound[word] = Number((exact >> BigInt(32 * word)) & 0xffff_ffffn);
  const top = wordCount - 1;
  const boundTop = unsigned ? bound[top]! : bound[top]! | 0;
  return (column) => {
    const words = wordsOf(column.values!, column.length * wordCount);
    const order = (row: number): number => {
      const base = row * wordCount;
      const high = unsigned ? words[base + top]! : words[base + top]! | 0;
      if (high !== boundTop) return high - boundTop;
      for (let word = top - 1; word >= 0; word--) {
        const difference = words[base + word]! - bound[word]!;
        if (difference !== 0) return difference;
      }
      return 0;
    };
    return notNullAnd(column, orderTest(comparison, order));
  };
}

function bytesTest(comparison: Comparison, bound: Uint8Array): (column: ColumnData) => RowTest {
  return (column) => {
    const source = column.values;
    const bytes =
      source === undefined ? new Uint8Array(0) : new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
    const offsets = column.valueOffsets!;
    if (comparison === 'eq' || comparison === 'ne') {
      const whenEqual = comparison === 'eq';
      return notNullAnd(column, (row) => {
        const start = Number(offsets[row]);
        return (Number(offsets[row + 1]) - start === bound.length && startsWith(bytes, start, bound)) === whenEqual;
      });
    }
    return notNullAnd(
      column,
      orderTest(comparison, (row) =>
        compareBytes(bytes.subarray(Number(offsets[row]), Number(offsets[row + 1])), bound),
      ),
    );
  };
}

/** Foreign buffers may start at any byte; a view of words needs a multiple of 4. */
function wordsOf(source: ArrayBufferView, length: number): Uint32Array {
  if (source.byteOffset % 4 === 0) return new Uint32Array(source.buffer, source.byteOffset, length);
  return new Uint32Array(source.buffer.slice(source.byteOffset, source.byteOffset + length * 4));
}

function startsWith(bytes: Uint8Array, start: number, part: Uint8Array): boolean {
  for (let index = 0; index < part.length; index++) if (bytes[start + index] !== part[index]) return false;
  return true;
}

function orderTest(comparison: Comparison, order: (row: number) => number): RowTest {
  switch (comparison) {
    case 'eq':
      return (row) => order(row) === 0;
    case 'ne':
      return (row) => order(row) !== 0;
    case 'lt':
      return (row) => order(row) < 0;
    case 'le':
      return (row) => order(row) <= 0;
    case 'gt':
      return (row) => order(row) > 0;
    case 'ge':
      return (row) => order(row) >= 0;
  }
}

function notNullAnd(column: ColumnData, test: RowTest): RowTest {
  const { nullBitmap } = column;
  if (nullBitmap === undefined || nullBitmap === null || nullBitmap.byteLength === 0 || column.nullCount === 0)
    return test;
  const isNull = createNullTest(column);
  return (row) => !isNull(row) && test(row);
}
