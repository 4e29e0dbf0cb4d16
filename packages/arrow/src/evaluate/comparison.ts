import { TypeId } from '@millrace/core';
import {
  type CallCompiler,
  type CallExpr,
  type Compiled,
  compiledCall,
  compiledUnary,
  type Value,
} from './compiled.ts';
import { type CommonForm, commonForm, type Scalar, scalarKey, valueForm } from './value-form.ts';

const HOLDS: Readonly<Record<string, (order: number) => boolean>> = {
  eq: (order) => order === 0,
  ne: (order) => order !== 0,
  lt: (order) => order < 0,
  le: (order) => order <= 0,
  gt: (order) => order > 0,
  ge: (order) => order >= 0,
};

/** `eq`, `ne`, `lt`, `le`, `gt`, `ge`: NULL if either side is NULL. */
export const compileComparison: CallCompiler = (call, args) => {
  const [left, right] = args;
  const holds = HOLDS[call.function];
  if (args.length !== 2 || left === undefined || right === undefined || holds === undefined) return undefined;
  const form = commonForm(left.type, right.type);
  if (form === undefined || (isRange(call) && (isDictionary(left) || isDictionary(right)))) return undefined;
  return compiledCall(call, args, ([readLeft, readRight]) => (row) => {
    const a = readLeft!(row);
    if (a === null) return null;
    const b = readRight!(row);
    return b === null ? null : holds(form.compare(form.left(a), form.right(b)));
  });
};

/** `distinct` and `not_distinct`: never NULL, NULL equals NULL. */
export const compileDistinct: CallCompiler = (call, args) => {
  const [left, right] = args;
  if (args.length !== 2 || left === undefined || right === undefined) return undefined;
  const form = commonForm(left.type, right.type);
  if (form === undefined) return undefined;
  const whenEqual = call.function === 'not_distinct';
  return compiledCall(call, args, ([readLeft, readRight]) => (row) => {
    const a = readLeft!(row);
    const b = readRight!(row);
    const equal = a === null || b === null ? a === b : form.compare(form.left(a), form.right(b)) === 0;
    return equal === whenEqual;
  });
};

/** `in`: a hash set, so that its size does not matter; a NULL among the literals makes a miss NULL. */
export const compileIn: CallCompiler = (call, args) => {
  const [value, ...list] = args;
  if (value === undefined || list.length === 0 || list.some((item) => item.expr.kind !== 'literal')) return undefined;
  const set = buildSet(value, list);
  if (set === undefined) return undefined;
  const { keys, holdsNull, toScalar } = set;
  return {
    ...compiledUnary(call, value, (item) => (keys.has(scalarKey(toScalar(item))) ? true : holdsNull ? null : false)),
  };
};

/** `is_null` and `is_not_null`, for every type. */
export const compileNullTest: CallCompiler = (call, args) => {
  const [value] = args;
  if (args.length !== 1 || value === undefined) return undefined;
  const whenNull = call.function === 'is_null';
  return compiledCall(
    call,
    args,
    ([read]) =>
      (row) =>
        (read!(row) === null) === whenNull,
  );
};

function buildSet(
  value: Compiled,
  list: readonly Compiled[],
):
  | {
      readonly keys: ReadonlySet<unknown>;
      readonly holdsNull: boolean;
      readonly toScalar: (item: NonNullable<Value>) => Scalar;
    }
  | undefined {
  let shared: CommonForm | undefined;
  const keys = new Set<unknown>();
  let holdsNull = false;
  let sharedType: Compiled['type'] | undefined;
  for (const item of list) {
    if (item.expr.kind !== 'literal') return undefined;
    if (item.expr.value === null) {
      holdsNull = true;
      continue;
    }
    if (sharedType === undefined) {
      sharedType = item.type;
      shared = commonForm(value.type, item.type);
    } else if (!sameForm(sharedType, item.type)) return undefined;
    if (shared === undefined) return undefined;
    keys.add(scalarKey(shared.right(item.expr.value)));
  }
  return { keys, holdsNull, toScalar: shared?.left ?? ((item) => item as Scalar) };
}

function sameForm(left: Compiled['type'], right: Compiled['type']): boolean {
  return (
    left === right ||
    (valueForm(left) === valueForm(right) &&
      left.scale === right.scale &&
      left.unit === right.unit &&
      left.precision === right.precision)
  );
}

function isRange(call: CallExpr): boolean {
  return call.function !== 'eq' && call.function !== 'ne';
}

/** An enumeration orders by its definition in the engine, not by its texts. */
function isDictionary(arg: Compiled): boolean {
  return arg.type.typeId === TypeId.Dictionary;
}
