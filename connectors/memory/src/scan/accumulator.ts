import {
  type Compiled,
  commonForm,
  compileExpression,
  compilePredicate,
  type LiteralLike,
  type Predicate,
  scalarKey,
  scaleOf,
  valueForm,
} from '@millrace/arrow';
import { type AggregateCall, type DataType, type RecordBatch, type Schema, TypeId } from '@millrace/core';

/** The running state of one call in one group. */
interface State {
  add(value: NonNullable<LiteralLike>): void;
  result(): LiteralLike;
}

/** One aggregate call that can be computed here. */
export interface Accumulator {
  readonly type: DataType;
  create(): State;
  /** Reads the batch's rows into states. */
  bind(batch: RecordBatch): (state: State, row: number) => void;
}

export type { State as AccumulatorState };

/**
 * Prepares an aggregate call; undefined where its result is not known to equal the engine's. Sums of whole numbers and decimals are
 * exact, and raise `invalid_data` if they leave the result type; sums of floats depend on the order of rows, as the engine's do.
 */
export function planAccumulator(call: AggregateCall, schema: Schema): Accumulator | undefined {
  const [arg, ...rest] = call.args;
  if (rest.length > 0) return undefined;
  const filter = call.filter === undefined ? undefined : compilePredicate(call.filter, schema);
  if (call.filter !== undefined && filter === undefined) return undefined;
  if (arg === undefined) {
    if (call.function !== 'count' || call.distinct || valueForm(call.type) !== 'long') return undefined;
    return accumulator(call.type, countState, undefined, filter);
  }
  const compiled = compileExpression(arg, schema);
  if (compiled === undefined) return undefined;
  const createPlain = planState(call, compiled);
  if (createPlain === undefined) return undefined;
  if (!call.distinct) return accumulator(call.type, createPlain, compiled, filter);
  const form = commonForm(compiled.type, compiled.type);
  if (form === undefined) return undefined;
  const createDistinct = (): State => {
    const seen = new Set<unknown>();
    const plain = createPlain();
    return {
      add(value) {
        const key = scalarKey(form.left(value));
        if (seen.has(key)) return;
        seen.add(key);
        plain.add(value);
      },
      result: plain.result,
    };
  };
  return accumulator(call.type, createDistinct, compiled, filter);
}

function accumulator(
  type: DataType,
  create: () => State,
  arg: Compiled | undefined,
  filter: Predicate | undefined,
): Accumulator {
  return {
    type,
    create,
    bind(batch) {
      const passes = filter?.bind(batch);
      const evaluate = arg?.bind(batch);
      return (state, row) => {
        if (passes !== undefined && !passes(row)) return;
        const value = evaluate === undefined ? true : evaluate(row);
        if (value !== null) state.add(value);
      };
    },
  };
}

function planState(call: AggregateCall, arg: Compiled): (() => State) | undefined {
  switch (call.function) {
    case 'count':
      return valueForm(call.type) === 'long' ? countState : undefined;
    case 'min':
      return extremeState(call, arg, -1);
    case 'max':
      return extremeState(call, arg, 1);
    case 'sum':
      return sumState(call, arg);
    case 'avg':
      return averageState(call, arg);
    default: {
      const never: never = call.function;
      return never;
    }
  }
}

function countState(): State {
  let count = 0n;
  return {
    add() {
      count += 1n;
    },
    result: () => count,
  };
}

function extremeState(call: AggregateCall, arg: Compiled, sign: 1 | -1): (() => State) | undefined {
  const form = commonForm(arg.type, arg.type);
  if (form === undefined || arg.type.typeId === TypeId.Dictionary) return undefined;
  if (valueForm(arg.type) !== valueForm(call.type) || scaleOf(arg.type) !== scaleOf(call.type)) return undefined;
  return () => {
    let extreme: LiteralLike = null;
    return {
      add(value) {
        if (extreme === null || form.compare(form.left(value), form.left(extreme)) * sign > 0) extreme = value;
      },
      result: () => extreme,
    };
  };
}

function sumState(call: AggregateCall, arg: Compiled): (() => State) | undefined {
  const exact = isExact(arg.type);
  const result = valueForm(call.type);
  if (exact && (result === 'long' || result === 'decimal') && scaleOf(call.type) === scaleOf(arg.type))
    return () => withEmptyAsNull(exactSum(), (sum) => sum);
  if (valueForm(arg.type) === 'float' && result === 'float') return () => withEmptyAsNull(floatSum(), (sum) => sum);
  return undefined;
}

/** The engine divides a sum by a count in doubles; for decimals the count is scaled before. */
function averageState(call: AggregateCall, arg: Compiled): (() => State) | undefined {
  if (valueForm(call.type) !== 'float') return undefined;
  const scale = 10 ** scaleOf(arg.type);
  if (isExact(arg.type)) return () => withEmptyAsNull(exactSum(), (sum, count) => Number(sum) / (count * scale));
  if (valueForm(arg.type) === 'float') return () => withEmptyAsNull(floatSum(), (sum, count) => sum / count);
  return undefined;
}

interface Sum<T> {
  add(value: NonNullable<LiteralLike>): void;
  readonly sum: () => T;
}

function withEmptyAsNull<T>(total: Sum<T>, finish: (sum: T, count: number) => LiteralLike): State {
  let count = 0;
  return {
    add(value) {
      total.add(value);
      count += 1;
    },
    result: () => (count === 0 ? null : finish(total.sum(), count)),
  };
}

/** Adds small whole numbers as doubles while that is exact, which is many times faster than bigint. */
function exactSum(): Sum<bigint> {
  let whole = 0n;
  let small = 0;
  return {
    add(value) {
      if (typeof value === 'bigint') {
        whole += value;
        return;
      }
      small += value as number;
      if (small > SMALL_SUM_LIMIT || small < -SMALL_SUM_LIMIT) {
        whole += BigInt(small);
        small = 0;
      }
    },
    sum: () => whole + BigInt(small),
  };
}

/** Leaves room for one more 32-bit integer below 2^53. */
const SMALL_SUM_LIMIT = 2 ** 52;

function floatSum(): Sum<number> {
  let sum = 0;
  return {
    add(value) {
      sum += value as number;
    },
    sum: () => sum,
  };
}

function isExact(type: DataType): boolean {
  const form = valueForm(type);
  return form === 'integer' || form === 'long' || form === 'decimal';
}
