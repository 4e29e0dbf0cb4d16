import type { ColumnData, Expr, Field, RecordBatch, ScalarFunction, Schema } from '@millrace/core';
import { TypeId } from '@millrace/core';
import { createLiteralReader } from '../read/literal-reader.ts';
import { compileArithmetic, compileDivision, compileModulo, compileNegation } from './arithmetic.ts';
import { compileCast } from './cast.ts';
import { compileComparison, compileDistinct, compileIn, compileNullTest } from './comparison.ts';
import type { CallCompiler, Compiled, Evaluator } from './compiled.ts';
import { compileCase, compileCoalesce, compileJunction, compileNot } from './logic.ts';
import { createNullTest } from './null-test.ts';
import { compileDateTrunc, compileExtract } from './temporal.ts';
import { compileCaseMapping, compileLength, compileLikeCall, compileSubstring, compileTextTest } from './text.ts';

/** The functions of the vocabulary that are evaluated here. `random` and `now` are missing: they are never pushed down. */
const FUNCTIONS: Readonly<Partial<Record<ScalarFunction, CallCompiler>>> = {
  eq: compileComparison,
  ne: compileComparison,
  lt: compileComparison,
  le: compileComparison,
  gt: compileComparison,
  ge: compileComparison,
  is_null: compileNullTest,
  is_not_null: compileNullTest,
  distinct: compileDistinct,
  not_distinct: compileDistinct,
  and: compileJunction,
  or: compileJunction,
  not: compileNot,
  in: compileIn,
  like: compileLikeCall,
  starts_with: compileTextTest,
  ends_with: compileTextTest,
  contains: compileTextTest,
  cast: compileCast,
  add: compileArithmetic,
  sub: compileArithmetic,
  mul: compileArithmetic,
  div: compileDivision,
  mod: compileModulo,
  neg: compileNegation,
  coalesce: compileCoalesce,
  case: compileCase,
  lower: compileCaseMapping,
  upper: compileCaseMapping,
  length: compileLength,
  substr: compileSubstring,
  date_trunc: compileDateTrunc,
  extract: compileExtract,
};

/** Extension types whose storage compares otherwise than the engine's own values; only their nulls are looked at. */
const OPAQUE_EXTENSIONS: ReadonlySet<string> = new Set([
  'millrace.bit',
  'millrace.timetz',
  'millrace.bignum',
  'geoarrow.wkb',
]);

/**
 * Checks an expression against a schema and prepares it for evaluation with the engine's semantics.
 *
 * @returns undefined where the expression names an unknown column or function, or where its equality with the engine is not
 * established; the caller then answers `none`.
 */
export function compileExpression(expr: Expr, schema: Schema): Compiled | undefined {
  switch (expr.kind) {
    case 'literal': {
      const { value } = expr;
      return { expr, type: expr.type, mayRaise: false, bind: () => () => value };
    }
    case 'column':
      return compileColumn(expr, schema);
    case 'call': {
      const compiler = Object.hasOwn(FUNCTIONS, expr.function) ? FUNCTIONS[expr.function] : undefined;
      if (compiler === undefined) return undefined;
      const args: Compiled[] = [];
      for (const arg of expr.args) {
        const compiled = compileExpression(arg, schema);
        if (compiled === undefined) return undefined;
        args.push(compiled);
      }
      return compiler(expr, args);
    }
    default: {
      const never: never = expr;
      return never;
    }
  }
}

function compileColumn(expr: Extract<Expr, { kind: 'column' }>, schema: Schema): Compiled | undefined {
  const ordinals: number[] = [];
  let fields: readonly Field[] = schema.fields;
  let found: Field | undefined;
  for (const [depth, name] of expr.path.entries()) {
    if (depth > 0 && found!.type.typeId !== TypeId.Struct) return undefined;
    const ordinal = fields.findIndex((field) => field.name === name);
    found = fields[ordinal];
    if (found === undefined) return undefined;
    ordinals.push(ordinal);
    fields = found.type.children ?? [];
  }
  const extension = found!.metadata?.get('ARROW:extension:name');
  const opaque = extension !== undefined && OPAQUE_EXTENSIONS.has(extension);
  return {
    expr,
    type: opaque ? OPAQUE : found!.type,
    mayRaise: false,
    bind: (batch) => bindColumn(batch, ordinals),
  };
}

const OPAQUE: Compiled['type'] = { typeId: TypeId.Union, children: [] };

/** A struct's child is null wherever the struct is. */
function bindColumn(batch: RecordBatch, ordinals: readonly number[]): Evaluator {
  let columns: readonly ColumnData[] = batch.data.children;
  const outerNulls: ((row: number) => boolean)[] = [];
  for (const ordinal of ordinals.slice(0, -1)) {
    const column: ColumnData = columns[ordinal]!;
    outerNulls.push(createNullTest(column));
    columns = column.children;
  }
  const read = createLiteralReader(columns[ordinals.at(-1)!]!);
  return outerNulls.length === 0 ? read : (row) => (outerNulls.some((isNull) => isNull(row)) ? null : read(row));
}
