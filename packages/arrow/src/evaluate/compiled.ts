import { type DataType, type Expr, MillraceError, type RecordBatch } from '@millrace/core';
import type { LiteralLike } from '../read/row-value.ts';

/** A value in the form of a literal of its type, null included; nested values are arrays, objects and entry pairs of the same. */
export type Value = LiteralLike;

/** Computes one row of a bound batch. */
export type Evaluator = (row: number) => Value;

/** The call node of an expression. */
export type CallExpr = Extract<Expr, { readonly kind: 'call' }>;

/** An expression that was checked against a schema once and is then bound to each batch of that schema. */
export interface Compiled {
  readonly expr: Expr;
  readonly type: DataType;
  /** True when some row may raise (overflow, a cast out of range); such an expression runs after every one that cannot. */
  readonly mayRaise: boolean;
  bind(batch: RecordBatch): Evaluator;
}

/** Compiles one call over compiled arguments; undefined where equality with the engine's semantics is not established. */
export type CallCompiler = (call: CallExpr, args: readonly Compiled[]) => Compiled | undefined;

/** Builds a compiled call whose rows are a function of its arguments' rows. */
export function compiledCall(
  call: CallExpr,
  args: readonly Compiled[],
  evaluate: (args: readonly Evaluator[]) => Evaluator,
  raises: 'raises' | 'total' = 'total',
): Compiled {
  return {
    expr: call,
    type: call.type,
    mayRaise: raises === 'raises' || args.some((arg) => arg.mayRaise),
    bind: (batch) => evaluate(args.map((arg) => arg.bind(batch))),
  };
}

/** Builds a compiled call of one argument that answers NULL for NULL. */
export function compiledUnary(
  call: CallExpr,
  arg: Compiled,
  evaluate: (value: NonNullable<Value>) => Value,
  raises: 'raises' | 'total' = 'total',
): Compiled {
  return compiledCall(
    call,
    [arg],
    ([read]) =>
      (row) => {
        const value = read!(row);
        return value === null ? null : evaluate(value);
      },
    raises,
  );
}

/** Builds a compiled call of two arguments that answers NULL if either is NULL. */
export function compiledBinary(
  call: CallExpr,
  args: readonly [Compiled, Compiled],
  evaluate: (left: NonNullable<Value>, right: NonNullable<Value>) => Value,
  raises: 'raises' | 'total' = 'total',
): Compiled {
  return compiledCall(
    call,
    args,
    ([readLeft, readRight]) =>
      (row) => {
        const left = readLeft!(row);
        if (left === null) return null;
        const right = readRight!(row);
        return right === null ? null : evaluate(left, right);
      },
    raises,
  );
}

/** The value of an argument that is a literal; undefined when it is anything else. */
export function literalOf(arg: Compiled): Value | undefined {
  return arg.expr.kind === 'literal' ? arg.expr.value : undefined;
}

/** The error of a row whose value cannot be computed. Never carries the value. */
export function evaluationError(message: string): MillraceError {
  return new MillraceError({
    code: 'invalid_data',
    component: 'expression',
    message,
    hint: 'Cast to a wider type before the calculation',
  });
}
