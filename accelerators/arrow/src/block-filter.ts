import { type CommonForm, commonForm, compilePredicate, type LiteralLike, valueForm } from '@millrace/arrow';
import {
  type DataType,
  dataTypes,
  type Expr,
  isVolatile,
  type PartitionDatePart,
  type PartitionTransform,
  type Schema,
  TypeId,
} from '@millrace/core';
import type { Bounds, Measure } from './block-bounds.ts';

/** What a filter needs to know of a block of rows, and whether one of its rows may pass. */
export interface BlockFilter {
  readonly measures: readonly Measure[];
  /** False only where the filter is TRUE for no row of the block. The bounds are those of the measures, in order; undefined where there are none. */
  mayPass(bounds: readonly (Bounds | undefined)[]): boolean;
}

/** What filters are read against. */
export interface BlockFilterScope {
  readonly schema: Schema;
  /** Rows are kept together by these; a condition on such a part of a date can rule blocks out, too. */
  readonly partitionBy: readonly PartitionTransform[];
}

type Test = (bounds: readonly (Bounds | undefined)[]) => boolean;

/** What is compared with literals: a column, or a part of its dates. */
interface Operand {
  readonly index: number;
  readonly type: DataType;
}

/** Prepares a filter to rule out blocks by their bounds; undefined where it can rule out none. */
export function compileBlockFilter(filter: Expr, scope: BlockFilterScope): BlockFilter | undefined {
  if (isVolatile(filter)) return undefined;
  const compiler = new Compiler(scope);
  const test = compiler.compile(filter);
  return test && { measures: compiler.measures, mayPass: test };
}

class Compiler {
  readonly measures: Measure[] = [];
  readonly #scope: BlockFilterScope;

  constructor(scope: BlockFilterScope) {
    this.#scope = scope;
  }

  compile(expr: Expr): Test | undefined {
    if (expr.kind === 'literal') return expr.value === true ? undefined : () => false;
    if (expr.kind !== 'call') return undefined;
    if (expr.function === 'and') {
      const tests = expr.args.flatMap((arg) => this.compile(arg) ?? []);
      return tests.length === 0 ? undefined : (bounds) => tests.every((test) => test(bounds));
    }
    if (expr.function === 'or') {
      const tests = expr.args.flatMap((arg) => this.compile(arg) ?? []);
      return tests.length < expr.args.length ? undefined : (bounds) => tests.some((test) => test(bounds));
    }
    // What is not compared here exactly as in the engine rules nothing out.
    if (compilePredicate(expr, this.#scope.schema) === undefined) return undefined;
    return this.#compileCondition(expr);
  }

  #compileCondition({ function: name, args }: Extract<Expr, { readonly kind: 'call' }>): Test | undefined {
    const [first, second, ...rest] = args;
    if (first === undefined) return undefined;
    if (name === 'is_null' || name === 'is_not_null') {
      const operand = this.#operand(first);
      if (!operand) return undefined;
      return name === 'is_null'
        ? onBounds(operand, ({ nullCount }) => nullCount > 0)
        : onBounds(operand, ({ valueCount }) => valueCount > 0);
    }
    if (second === undefined) return undefined;
    if (name === 'in') return this.#compileList(first, [second, ...rest]);
    if (first.kind === 'literal') {
      const mirrored = MIRRORED[name];
      return mirrored === undefined ? undefined : this.#compileComparison(mirrored, second, first);
    }
    return this.#compileComparison(name, first, second);
  }

  #compileComparison(name: string, value: Expr, literal: Expr): Test | undefined {
    const holds = MAY_HOLD[name];
    const operand = literal.kind === 'literal' && holds ? this.#operand(value) : undefined;
    if (literal.kind !== 'literal' || !operand || !holds) return undefined;
    if (literal.value === null)
      return name === 'not_distinct' ? onBounds(operand, ({ nullCount }) => nullCount > 0) : () => false;
    const against = literalOf(operand, literal);
    if (against === undefined) return undefined;
    if (name === 'starts_with' && (valueForm(operand.type) !== 'text' || typeof literal.value !== 'string'))
      return undefined;
    return onValues(operand, (bounds) => holds({ ...against, ...bounds }));
  }

  #compileList(value: Expr, items: readonly Expr[]): Test | undefined {
    const operand = this.#operand(value);
    if (!operand) return undefined;
    const literals: Against[] = [];
    for (const item of items) {
      if (item.kind !== 'literal') return undefined;
      if (item.value === null) continue;
      const against = literalOf(operand, item);
      if (against === undefined) return undefined;
      literals.push(against);
    }
    return onValues(operand, (bounds) => literals.some((against) => mayEqual({ ...against, ...bounds })));
  }

  #operand(expr: Expr): Operand | undefined {
    if (expr.kind === 'column') return this.#column(expr, undefined);
    if (expr.kind !== 'call' || expr.function !== 'extract') return undefined;
    const [part, column] = expr.args;
    if (part?.kind !== 'literal' || column?.kind !== 'column') return undefined;
    const kept = this.#scope.partitionBy.find(
      (transform) =>
        transform.kind === 'date_part' && transform.part === part.value && transform.column === column.path[0],
    );
    return kept?.kind === 'date_part' ? this.#column(column, kept.part) : undefined;
  }

  #column(
    { path }: Extract<Expr, { readonly kind: 'column' }>,
    part: PartitionDatePart | undefined,
  ): Operand | undefined {
    const [name, ...members] = path;
    const { fields } = this.#scope.schema;
    const ordinal = fields.findIndex((field) => field.name === name);
    const field = fields[ordinal];
    if (members.length > 0 || !field) return undefined;
    let index = this.measures.findIndex((measure) => measure.ordinal === ordinal && measure.part === part);
    if (index < 0) index = this.measures.push({ ordinal, ...(part === undefined ? {} : { part }) }) - 1;
    return { index, type: part === undefined ? plainType(field.type) : dataTypes.int64() };
  }
}

/** A dictionary is compared by its values: a condition on their order was not let through. */
function plainType(type: DataType): DataType {
  return type.typeId === TypeId.Dictionary && type.dictionary ? type.dictionary : type;
}

interface Against {
  readonly form: CommonForm;
  readonly value: NonNullable<LiteralLike>;
}

/** A literal beside what is known of a block; a bound that is not known is undefined. */
interface Comparison extends Against {
  readonly low: LiteralLike | undefined;
  readonly high: LiteralLike | undefined;
}

function literalOf({ type }: Operand, literal: Extract<Expr, { readonly kind: 'literal' }>): Against | undefined {
  const form = commonForm(type, literal.type);
  return form && { form, value: literal.value as NonNullable<LiteralLike> };
}

/** How a bound stands to the literal: negative below it; undefined where the bound is not known. */
function orderOf({ form, value }: Against, bound: LiteralLike | undefined): number | undefined {
  if (bound === undefined || bound === null) return undefined;
  return form.compare(form.left(bound), form.right(value));
}

const isBelow = (comparison: Comparison): boolean => (orderOf(comparison, comparison.low) ?? -1) < 0;
const isAbove = (comparison: Comparison): boolean => (orderOf(comparison, comparison.high) ?? 1) > 0;
const reachesDown = (comparison: Comparison): boolean => (orderOf(comparison, comparison.low) ?? 0) <= 0;
const reachesUp = (comparison: Comparison): boolean => (orderOf(comparison, comparison.high) ?? 0) >= 0;
const mayEqual = (comparison: Comparison): boolean => reachesDown(comparison) && reachesUp(comparison);

const MAY_HOLD: Readonly<Record<string, (comparison: Comparison) => boolean>> = {
  eq: mayEqual,
  not_distinct: mayEqual,
  ne: (comparison) => isBelow(comparison) || isAbove(comparison),
  lt: isBelow,
  le: reachesDown,
  gt: isAbove,
  ge: reachesUp,
  // A text that begins with another one is not below it.
  starts_with: (comparison) =>
    reachesUp(comparison) && (reachesDown(comparison) || String(comparison.low).startsWith(String(comparison.value))),
};

const MIRRORED: Readonly<Record<string, string>> = {
  eq: 'eq',
  not_distinct: 'not_distinct',
  ne: 'ne',
  lt: 'gt',
  le: 'ge',
  gt: 'lt',
  ge: 'le',
};

function onBounds({ index }: Operand, test: (bounds: Bounds) => boolean): Test {
  return (all) => {
    const bounds = all[index];
    return bounds === undefined || test(bounds);
  };
}

function onValues(operand: Operand, test: (bounds: Pick<Bounds, 'low' | 'high'>) => boolean): Test {
  return onBounds(operand, ({ valueCount, low, high }) => valueCount > 0 && test({ low, high }));
}
