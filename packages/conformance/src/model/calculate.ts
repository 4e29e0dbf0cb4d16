import type { LiteralLike } from '@millrace/arrow';
import { type DataType, type Expr, TimeUnit, TypeId } from '@millrace/core';
import { ValueError } from './value-error.ts';

type Present = NonNullable<LiteralLike>;

const MICROSECONDS_PER_DAY = 86_400_000_000n;

/** Arithmetic on integers and floats; an integer out of its range fails, a remainder by zero is null. */
export function calculate(call: Extract<Expr, { readonly kind: 'call' }>, values: readonly Present[]): LiteralLike {
  if (call.type.typeId === TypeId.Float) return calculateFloat(call.function, values.map(Number));
  if (call.type.typeId !== TypeId.Int) throw new TypeError('the model calculates with integers and floats');
  const [left, right] = values.map((value) => BigInt(value as number | bigint));
  switch (call.function) {
    case 'add':
      return toInteger(left! + right!, call.type);
    case 'sub':
      return toInteger(left! - right!, call.type);
    case 'mul':
      return toInteger(left! * right!, call.type);
    case 'mod':
      return right === 0n ? null : toInteger(left! % right!, call.type);
    case 'neg':
      return toInteger(-left!, call.type);
    default:
      throw new TypeError(`the model does not know ${call.function} of integers`);
  }
}

function calculateFloat(name: string, [left, right]: readonly number[]): number {
  switch (name) {
    case 'add':
      return left! + right!;
    case 'sub':
      return left! - right!;
    case 'mul':
      return left! * right!;
    case 'div':
      return left! / right!;
    case 'mod':
      return left! % right!;
    case 'neg':
      return -left!;
    default:
      throw new TypeError(`the model does not know ${name} of floats`);
  }
}

/** The casts that the suite uses: text to integer, numbers to float, dates to timestamps and back. */
export function castValue(value: Present, from: DataType, to: DataType): LiteralLike {
  if (typeof value === 'string' && to.typeId === TypeId.Int) {
    if (!/^\s*[+-]?\d+\s*$/.test(value)) throw new ValueError('the text is no whole number');
    return toInteger(BigInt(value.trim()), to);
  }
  if (from.typeId === TypeId.Int && to.typeId === TypeId.Float) return Number(value);
  if (from.typeId === TypeId.Int && to.typeId === TypeId.Int) return toInteger(BigInt(value as number | bigint), to);
  if (from.typeId === TypeId.Date && to.typeId === TypeId.Timestamp && to.unit === TimeUnit.Microsecond)
    return BigInt(Math.round(Number(value))) * MICROSECONDS_PER_DAY;
  if (from.typeId === TypeId.Timestamp && from.unit === TimeUnit.Microsecond && to.typeId === TypeId.Date) {
    const micros = BigInt(value as bigint);
    const days = micros / MICROSECONDS_PER_DAY;
    return Number(micros % MICROSECONDS_PER_DAY < 0n ? days - 1n : days);
  }
  throw new TypeError(`the model does not cast type ${from.typeId} to ${to.typeId}`);
}

function toInteger(value: bigint, type: DataType): number | bigint {
  const bits = BigInt(type.bitWidth ?? 32);
  const isSigned = type.isSigned ?? true;
  const low = isSigned ? -(1n << (bits - 1n)) : 0n;
  const high = isSigned ? (1n << (bits - 1n)) - 1n : (1n << bits) - 1n;
  if (value < low || value > high) throw new ValueError('the integer left the range of its type');
  return bits === 64n ? value : Number(value);
}
