import { type DataType, FloatPrecision, TimeUnit } from '@millrace/core';
import { decimalOf, integerOf, toBigInt } from './arithmetic.ts';
import { type CallCompiler, compiledUnary, evaluationError, type Value } from './compiled.ts';
import { floorDivide, INFINITE_DATE, INFINITE_TIMESTAMP } from './temporal.ts';
import { isZoned, scaleOf, valueForm } from './value-form.ts';

const MICROS_PER_DAY = 86_400_000_000n;

/** Digits up to which every unscaled decimal is an exact double, so that one division rounds once. */
const EXACT_DOUBLE_DIGITS = 15;

/**
 * `cast`, where the engine's result is known to the last bit: whole numbers and decimals among each other (out of range raises),
 * to floats where that rounds once, whole numbers and booleans to text, dates and timestamps without a zone into each other.
 */
export const compileCast: CallCompiler = (call, [arg, ...rest]) => {
  if (arg === undefined || rest.length > 0) return undefined;
  const convert = conversion(arg.type, call.type);
  if (convert === undefined) return undefined;
  return compiledUnary(call, arg, convert.apply, convert.raises);
};

interface Conversion {
  readonly apply: (value: NonNullable<Value>) => Value;
  readonly raises: 'raises' | 'total';
}

function conversion(from: DataType, to: DataType): Conversion | undefined {
  switch (valueForm(to)) {
    case 'integer':
    case 'long':
      return toInteger(from, to);
    case 'decimal':
      return toDecimal(from, to);
    case 'float':
      return toFloat(from, to);
    case 'text':
      return toText(from);
    case 'date':
      return toDate(from);
    case 'timestamp':
      return toTimestamp(from, to);
    case 'boolean':
      return valueForm(from) === 'boolean' ? total((value) => value) : undefined;
    default:
      return undefined;
  }
}

function toInteger(from: DataType, to: DataType): Conversion | undefined {
  const fit = integerOf(to, 'cast');
  switch (valueForm(from)) {
    case 'boolean': {
      return total((value) => fit(value === true ? 1n : 0n));
    }
    case 'integer':
    case 'long':
      return raising((value) => fit(toBigInt(value)));
    default:
      return undefined;
  }
}

function toDecimal(from: DataType, to: DataType): Conversion | undefined {
  const form = valueForm(from);
  if (form !== 'integer' && form !== 'long' && form !== 'decimal') return undefined;
  const growth = scaleOf(to) - scaleOf(from);
  if (growth < 0) return undefined;
  const factor = 10n ** BigInt(growth);
  const fit = decimalOf(to, 'cast');
  return raising((value) => fit(toBigInt(value) * factor));
}

function toFloat(from: DataType, to: DataType): Conversion | undefined {
  const double = to.precision === FloatPrecision.Double;
  switch (valueForm(from)) {
    case 'float':
      return double || from.precision === to.precision ? total((value) => value) : undefined;
    case 'integer':
      return double ? total((value) => value) : undefined;
    case 'long':
      return double ? total((value) => Number(value as bigint)) : undefined;
    case 'decimal': {
      if (!double || (from.precision ?? 38) > EXACT_DOUBLE_DIGITS) return undefined;
      const divisor = 10 ** scaleOf(from);
      return total((value) => Number(value as bigint) / divisor);
    }
    default:
      return undefined;
  }
}

function toText(from: DataType): Conversion | undefined {
  switch (valueForm(from)) {
    case 'text':
      return total((value) => value);
    case 'boolean':
    case 'integer':
    case 'long':
      return total((value) => String(value));
    default:
      return undefined;
  }
}

function toDate(from: DataType): Conversion | undefined {
  if (valueForm(from) === 'date') return total((value) => value);
  if (!isMicros(from) || isZoned(from)) return undefined;
  return total((value) => {
    const micros = value as bigint;
    if (micros === INFINITE_TIMESTAMP) return INFINITE_DATE;
    if (micros === -INFINITE_TIMESTAMP) return -INFINITE_DATE;
    return Number(floorDivide(micros, MICROS_PER_DAY));
  });
}

function toTimestamp(from: DataType, to: DataType): Conversion | undefined {
  if (!isMicros(to)) return undefined;
  if (valueForm(from) === 'timestamp')
    return from.unit === to.unit && isZoned(from) === isZoned(to) ? total((value) => value) : undefined;
  if (valueForm(from) !== 'date' || isZoned(to)) return undefined;
  return raising((value) => {
    const days = value as number;
    if (days === INFINITE_DATE) return INFINITE_TIMESTAMP;
    if (days === -INFINITE_DATE) return -INFINITE_TIMESTAMP;
    const micros = BigInt(days) * MICROS_PER_DAY;
    if (micros >= INFINITE_TIMESTAMP || micros <= -INFINITE_TIMESTAMP)
      throw evaluationError('cast left the range of a timestamp');
    return micros;
  });
}

function isMicros(type: DataType): boolean {
  return valueForm(type) === 'timestamp' && type.unit === TimeUnit.Microsecond;
}

function total(apply: Conversion['apply']): Conversion {
  return { apply, raises: 'total' };
}

function raising(apply: Conversion['apply']): Conversion {
  return { apply, raises: 'raises' };
}
