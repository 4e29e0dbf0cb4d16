import { Buffer } from 'node:buffer';
import type { LiteralLike } from '@millrace/arrow';
import type { Expr } from '@millrace/core';
import { calculate, castValue } from './calculate.ts';
import { compareValues } from './compare-values.ts';
import { matchLike } from './match-like.ts';
import { ValueError } from './value-error.ts';

type Call = Extract<Expr, { readonly kind: 'call' }>;

/** The values of one row by column name. */
export type RowValues = (column: string) => LiteralLike;

/**
 * Evaluates an expression over one row with the vocabulary's three-valued logic. Slow and plain on purpose: it is what connectors are
 * compared with.
 *
 * @throws ValueError where the expression fails for this row, TypeError for what the model does not know.
 */
export function evaluate(expr: Expr, row: RowValues): LiteralLike {
  switch (expr.kind) {
    case 'literal':
      return expr.value;
    case 'column':
      return row(expr.path[0]);
    case 'call':
      return evaluateCall(expr, row);
    default: {
      const never: never = expr;
      throw new TypeError(`unknown expression ${String(never)}`);
    }
  }
}

/** Whether every filter is TRUE for the row. One that fails for a row that another excludes is guarded by it. */
export function isWanted(filters: readonly Expr[], row: RowValues): boolean {
  return junction(filters, row, false) === true;
}

function evaluateCall(call: Call, row: RowValues): LiteralLike {
  const { args } = call;
  const arg = (index: number): LiteralLike => evaluate(args[index]!, row);
  switch (call.function) {
    case 'and':
      return junction(args, row, false);
    case 'or':
      return junction(args, row, true);
    case 'not': {
      const value = arg(0);
      return value === null ? null : !value;
    }
    case 'is_null':
      return arg(0) === null;
    case 'is_not_null':
      return arg(0) !== null;
    case 'distinct':
    case 'not_distinct': {
      const [left, right] = [arg(0), arg(1)];
      const isSame = left === null || right === null ? left === right : compareArgs(call, left, right) === 0;
      return isSame === (call.function === 'not_distinct');
    }
    case 'in':
      return isIn(call, row);
    case 'coalesce': {
      for (const each of args) {
        const value = evaluate(each, row);
        if (value !== null) return value;
      }
      return null;
    }
    case 'case': {
      for (let index = 0; index + 1 < args.length; index += 2) if (arg(index) === true) return arg(index + 1);
      return arg(args.length - 1);
    }
    case 'random':
      return 0.5;
    default: {
      const values = args.map((each) => evaluate(each, row));
      return values.includes(null) ? null : evaluateStrict(call, values as readonly NonNullable<LiteralLike>[]);
    }
  }
}

/** A call that is null when any argument is. */
function evaluateStrict(call: Call, values: readonly NonNullable<LiteralLike>[]): LiteralLike {
  const [first, second, third] = values;
  switch (call.function) {
    case 'eq':
      return compareArgs(call, first!, second!) === 0;
    case 'ne':
      return compareArgs(call, first!, second!) !== 0;
    case 'lt':
      return compareArgs(call, first!, second!) < 0;
    case 'le':
      return compareArgs(call, first!, second!) <= 0;
    case 'gt':
      return compareArgs(call, first!, second!) > 0;
    case 'ge':
      return compareArgs(call, first!, second!) >= 0;
    case 'like':
      return matchLike(first as string, second as string, third as string);
    case 'starts_with':
      return (first as string).startsWith(second as string);
    case 'ends_with':
      return (first as string).endsWith(second as string);
    case 'contains':
      return (first as string).includes(second as string);
    case 'lower':
      return (first as string).toLowerCase();
    case 'upper':
      return (first as string).toUpperCase();
    case 'length':
      return BigInt([...(first as string)].length);
    case 'substr': {
      const start = Number(second) - 1;
      return [...(first as string)].slice(start, third === undefined ? undefined : start + Number(third)).join('');
    }
    case 'cast':
      return castValue(first!, call.args[0]!.type, call.type);
    case 'add':
    case 'sub':
    case 'mul':
    case 'div':
    case 'mod':
    case 'neg':
      return calculate(call, values);
    default:
      throw new TypeError(`the model does not know ${call.function}`);
  }
}

function compareArgs(call: Call, left: NonNullable<LiteralLike>, right: NonNullable<LiteralLike>): number {
  return compareValues(left, call.args[0]!.type, right, call.args[1]!.type);
}

/** AND (`decisive` false) and OR (`decisive` true): the decisive value wins over nulls and over failures. */
function junction(args: readonly Expr[], row: RowValues, decisive: boolean): boolean | null {
  let result: boolean | null = !decisive;
  let failure: ValueError | undefined;
  for (const arg of args) {
    try {
      const value = evaluate(arg, row);
      if (value === decisive) return decisive;
      if (value === null) result = null;
    } catch (error) {
      if (!(error instanceof ValueError)) throw error;
      failure = error;
    }
  }
  if (failure !== undefined) throw failure;
  return result;
}

/** Lists of one call by the keys of their values: 40,000 comparisons a row would take minutes. */
const LISTS = new WeakMap<Call, { readonly keys: ReadonlySet<string>; readonly hasNull: boolean }>();

function isIn(call: Call, row: RowValues): boolean | null {
  const value = evaluate(call.args[0]!, row);
  if (value === null) return null;
  let list = LISTS.get(call);
  if (list === undefined) {
    const options = call.args.slice(1);
    if (options.some(({ kind }) => kind !== 'literal')) throw new TypeError('IN takes literals');
    const values = options.map((option) => evaluate(option, row));
    list = {
      keys: new Set(values.flatMap((each) => (each === null ? [] : [keyOf(each)]))),
      hasNull: values.includes(null),
    };
    LISTS.set(call, list);
  }
  return list.keys.has(keyOf(value)) ? true : list.hasNull ? null : false;
}

function keyOf(value: NonNullable<LiteralLike>): string {
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString('hex')}`;
  return `${typeof value} ${Object.is(value, -0) ? '0' : String(value)}`;
}
