import { type CallCompiler, type Compiled, compiledCall, compiledUnary } from './compiled.ts';
import { valueForm } from './value-form.ts';

/** `and` and `or` in three-valued logic; arguments that may raise run after those that cannot. */
export const compileJunction: CallCompiler = (call, args) => {
  if (args.length === 0 || !args.every(isBoolean)) return undefined;
  const decisive = call.function === 'or';
  const ordered = [...args.filter((arg) => !arg.mayRaise), ...args.filter((arg) => arg.mayRaise)];
  return compiledCall(call, ordered, (reads) => (row) => {
    let unknown = false;
    for (const read of reads) {
      const value = read(row);
      if (value === decisive) return decisive;
      if (value === null) unknown = true;
    }
    return unknown ? null : !decisive;
  });
};

/** `not`. */
export const compileNot: CallCompiler = (call, [arg, ...rest]) =>
  arg !== undefined && rest.length === 0 && isBoolean(arg) ? compiledUnary(call, arg, (value) => !value) : undefined;

/** `coalesce`: the first argument that is not NULL; later ones are not computed. */
export const compileCoalesce: CallCompiler = (call, args) => {
  if (args.length === 0 || !args.every((arg) => sameValues(arg, call))) return undefined;
  return compiledCall(call, args, (reads) => (row) => {
    for (const read of reads) {
      const value = read(row);
      if (value !== null) return value;
    }
    return null;
  });
};

/** `case`: `[when, then]…, else`; a branch is computed only when it is taken. */
export const compileCase: CallCompiler = (call, args) => {
  if (args.length < 3 || args.length % 2 === 0) return undefined;
  const branches = args.filter((_, index) => index % 2 === 1 || index === args.length - 1);
  const conditions = args.filter((_, index) => index % 2 === 0 && index < args.length - 1);
  if (!conditions.every(isBoolean) || !branches.every((arg) => sameValues(arg, call))) return undefined;
  return compiledCall(call, args, (reads) => (row) => {
    for (let index = 0; index + 1 < reads.length; index += 2)
      if (reads[index]!(row) === true) return reads[index + 1]!(row);
    return reads[reads.length - 1]!(row);
  });
};

function isBoolean(arg: Compiled): boolean {
  const form = valueForm(arg.type);
  return form === 'boolean' || form === 'null';
}

/** True where a value of the argument needs no conversion to be one of the result. */
function sameValues(arg: Compiled, call: { readonly type: Compiled['type'] }): boolean {
  const form = valueForm(arg.type);
  if (form === 'null' || (arg.expr.kind === 'literal' && arg.expr.value === null)) return true;
  if (form === 'opaque' || form !== valueForm(call.type)) return false;
  return (
    arg.type.scale === call.type.scale &&
    arg.type.unit === call.type.unit &&
    (arg.type.timezone ?? null) === (call.type.timezone ?? null)
  );
}
