import { type BuildValue, batchFromRows, createLiteralReader } from '@millrace/arrow';
import {
  type DataType,
  dataTypes,
  type Expr,
  type Field,
  field,
  type LiteralValue,
  type ScalarFunction,
} from '@millrace/core';

/** A reference to a column, with its type. */
export function columnOf({ name, type }: Field): Expr {
  return { kind: 'column', path: [name], type };
}

/** A literal of a type, from the value as a builder takes it: `'1.50'` for a decimal, `'2024-02-29'` for a date. */
export function literalOf(type: DataType, value: BuildValue | null): Expr {
  const batch = batchFromRows({ fields: [field('value', type)] }, [[value]]);
  return { kind: 'literal', value: createLiteralReader(batch.data.children[0]!)(0) as LiteralValue, type };
}

/** A call whose result is a truth value. */
export function condition(name: ScalarFunction, ...args: readonly Expr[]): Expr {
  return { kind: 'call', function: name, args, type: dataTypes.bool() };
}

/** A call whose result has a type of its own. */
export function callOf(name: ScalarFunction, type: DataType, ...args: readonly Expr[]): Expr {
  return { kind: 'call', function: name, args, type };
}
