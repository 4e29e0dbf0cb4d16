import { type DataType, FloatPrecision } from '@millrace/core';
import {
  type CallCompiler,
  type Compiled,
  compiledBinary,
  compiledUnary,
  evaluationError,
  type Value,
} from './compiled.ts';
import { scaleOf, valueForm } from './value-form.ts';

/** `add`, `sub`, `mul` on numbers of one kind; a result out of the type's range raises `invalid_data`. */
export const compileArithmetic: CallCompiler = (call, args) => {
  const [left, right] = args;
  if (args.length !== 2 || left === undefined || right === undefined) return undefined;
  const pair = [left, right] as const;
  switch (valueForm(call.type)) {
    case 'integer':
    case 'long': {
      if (!isInteger(left) || !isInteger(right)) return undefined;
      const check = integerOf(call.type, call.function);
      const apply = INTEGER[call.function]!;
      return compiledBinary(call, pair, (a, b) => check(apply(toBigInt(a), toBigInt(b))), 'raises');
    }
    case 'decimal': {
      if (!isExact(left) || !isExact(right)) return undefined;
      return compileDecimal(call, pair);
    }
    case 'float': {
      if (!isFloat(left) || !isFloat(right)) return undefined;
      const apply = FLOAT[call.function]!;
      const round = roundTo(call.type);
      return compiledBinary(call, pair, (a, b) => round(apply(a as number, b as number)));
    }
    default:
      return undefined;
  }
};

/** `div`: division of floats, the engine's `/`. Integers reach it cast to float; a division by zero gives an infinity or NaN. */
export const compileDivision: CallCompiler = (call, args) => {
  const [left, right] = args;
  if (args.length !== 2 || left === undefined || right === undefined) return undefined;
  if (valueForm(call.type) !== 'float' || !isFloat(left) || !isFloat(right)) return undefined;
  const round = roundTo(call.type);
  return compiledBinary(call, [left, right], (a, b) => round((a as number) / (b as number)));
};

/**
 * `mod`: the sign is that of the dividend; by zero it is NULL for integers and NaN for floats. The lowest integer by -1 raises, as its
 * quotient has no place.
 */
export const compileModulo: CallCompiler = (call, args) => {
  const [left, right] = args;
  if (args.length !== 2 || left === undefined || right === undefined) return undefined;
  const pair = [left, right] as const;
  const form = valueForm(call.type);
  if (form === 'float' && isFloat(left) && isFloat(right)) {
    const round = roundTo(call.type);
    return compiledBinary(call, pair, (a, b) => round((a as number) % (b as number)));
  }
  if ((form === 'integer' || form === 'long') && isInteger(left) && isInteger(right)) {
    const check = integerOf(call.type, 'mod');
    return compiledBinary(
      call,
      pair,
      (a, b) => {
        const dividend = toBigInt(a);
        const divisor = toBigInt(b);
        if (divisor === 0n) return null;
        check(dividend / divisor);
        return check(dividend % divisor);
      },
      'raises',
    );
  }
  return undefined;
};

/** `neg`. The lowest integer has no negative and raises. */
export const compileNegation: CallCompiler = (call, [arg, ...rest]) => {
  if (arg === undefined || rest.length > 0) return undefined;
  const form = valueForm(call.type);
  if (form !== valueForm(arg.type) || scaleOf(call.type) !== scaleOf(arg.type)) return undefined;
  switch (form) {
    case 'integer':
    case 'long': {
      const check = integerOf(call.type, 'neg');
      return compiledUnary(call, arg, (value) => check(-toBigInt(value)), 'raises');
    }
    case 'decimal':
      return compiledUnary(call, arg, (value) => -(value as bigint));
    case 'float':
      return compiledUnary(call, arg, (value) => -(value as number));
    default:
      return undefined;
  }
};

/** Checks a whole number against an integer type and gives it the type's form; raises `invalid_data` when it does not fit. */
export function integerOf(type: DataType, operation: string): (value: bigint) => Value {
  const bits = BigInt(type.bitWidth ?? 32);
  const signed = type.isSigned ?? true;
  const low = signed ? -(1n << (bits - 1n)) : 0n;
  const high = signed ? (1n << (bits - 1n)) - 1n : (1n << bits) - 1n;
  const long = bits === 64n;
  return (value) => {
    if (value < low || value > high)
      throw evaluationError(`${operation} left the range of a ${signed ? '' : 'unsigned '}${bits}-bit integer`);
    return long ? value : Number(value);
  };
}

/** Checks an unscaled decimal against a type's precision; raises `invalid_data` when it does not fit. */
export function decimalOf(type: DataType, operation: string): (unscaled: bigint) => Value {
  const bound = 10n ** BigInt(type.precision ?? 38);
  return (unscaled) => {
    if (unscaled >= bound || unscaled <= -bound)
      throw evaluationError(`${operation} left the range of a decimal of ${type.precision ?? 38} digits`);
    return unscaled;
  };
}

/** Rounds a double to what the float type holds. */
function roundTo(type: DataType): (value: number) => number {
  return type.precision === FloatPrecision.Single ? Math.fround : (value) => value;
}

/** A whole number of any width as bigint. */
export function toBigInt(value: NonNullable<Value>): bigint {
  return typeof value === 'bigint' ? value : BigInt(value as number);
}

function compileDecimal(
  call: Parameters<CallCompiler>[0],
  [left, right]: readonly [Compiled, Compiled],
): Compiled | undefined {
  const scale = scaleOf(call.type);
  const check = decimalOf(call.type, call.function);
  const apply = INTEGER[call.function]!;
  if (call.function === 'mul') {
    if (scaleOf(left.type) + scaleOf(right.type) !== scale) return undefined;
    return compiledBinary(call, [left, right], (a, b) => check(apply(toBigInt(a), toBigInt(b))), 'raises');
  }
  if (scaleOf(left.type) > scale || scaleOf(right.type) > scale) return undefined;
  const leftFactor = 10n ** BigInt(scale - scaleOf(left.type));
  const rightFactor = 10n ** BigInt(scale - scaleOf(right.type));
  return compiledBinary(
    call,
    [left, right],
    (a, b) => check(apply(toBigInt(a) * leftFactor, toBigInt(b) * rightFactor)),
    'raises',
  );
}

const INTEGER: Readonly<Record<string, (left: bigint, right: bigint) => bigint>> = {
  add: (left, right) => left + right,
  sub: (left, right) => left - right,
  mul: (left, right) => left * right,
};

const FLOAT: Readonly<Record<string, (left: number, right: number) => number>> = {
  add: (left, right) => left + right,
  sub: (left, right) => left - right,
  mul: (left, right) => left * right,
};

function isInteger(arg: Compiled): boolean {
  const form = valueForm(arg.type);
  return form === 'integer' || form === 'long';
}

function isExact(arg: Compiled): boolean {
  return isInteger(arg) || valueForm(arg.type) === 'decimal';
}

function isFloat(arg: Compiled): boolean {
  return valueForm(arg.type) === 'float';
}
