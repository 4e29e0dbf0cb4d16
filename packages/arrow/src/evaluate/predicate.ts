import { type Expr, isVolatile, type PushdownDegree, type RecordBatch, type Schema } from '@millrace/core';
import { compileColumnTest, type RowTest, testedColumn } from './column-test.ts';
import { compileExpression } from './compile.ts';
import { createNullTest } from './null-test.ts';
import { valueForm } from './value-form.ts';

/** A condition that was checked against a schema. */
export interface Predicate {
  readonly mayRaise: boolean;
  bind(batch: RecordBatch): RowTest;
}

/** The answer to one filter of a request. */
export interface FilterPlan {
  readonly degree: PushdownDegree;
  /** Conjuncts that every returned row makes TRUE; empty where the degree is `none`. */
  readonly predicates: readonly Predicate[];
}

/**
 * Decides how far a filter is evaluated here. A conjunct under a top-level AND that cannot be leaves the others in force and
 * makes the whole inexact; under OR, NOT and CASE it makes the filter `none`. A volatile part makes it `none` everywhere, as plans are
 * checked by whole filters.
 */
export function planFilter(filter: Expr, schema: Schema): FilterPlan {
  if (isVolatile(filter)) return { degree: 'none', predicates: [] };
  const conjuncts = conjunctsOf(filter);
  const predicates = conjuncts.flatMap((conjunct) => compilePredicate(conjunct, schema) ?? []);
  if (predicates.length === conjuncts.length) return { degree: 'exact', predicates };
  return { degree: predicates.length === 0 ? 'none' : 'inexact', predicates };
}

/** Compiles a condition; undefined where it cannot be evaluated exactly as the engine does. */
export function compilePredicate(filter: Expr, schema: Schema): Predicate | undefined {
  if (isVolatile(filter)) return undefined;
  const compiled = compileExpression(filter, schema);
  if (compiled === undefined || !['boolean', 'null'].includes(valueForm(compiled.type))) return undefined;
  const columnTest = compileColumnTest(filter, schema);
  if (columnTest !== undefined) {
    const ordinal = testedColumn(filter, schema);
    return { mayRaise: false, bind: (batch) => columnTest(batch.data.children[ordinal]!) };
  }
  const nullOrdinal = nullTestedColumn(filter, schema);
  if (nullOrdinal >= 0) {
    const whenNull = filter.kind === 'call' && filter.function === 'is_null';
    return {
      mayRaise: false,
      bind: (batch) => {
        const isNull = createNullTest(batch.data.children[nullOrdinal]!);
        return whenNull ? isNull : (row) => !isNull(row);
      },
    };
  }
  const junction = compiled.mayRaise ? undefined : compileJunctionTest(filter, schema);
  if (junction !== undefined) return junction;
  return {
    mayRaise: compiled.mayRaise,
    bind: (batch) => {
      const evaluate = compiled.bind(batch);
      return (row) => evaluate(row) === true;
    },
  };
}

/** AND and OR are TRUE by what their parts are TRUE for, which may be tested on the raw buffers. */
function compileJunctionTest(filter: Expr, schema: Schema): Predicate | undefined {
  if (filter.kind !== 'call' || (filter.function !== 'and' && filter.function !== 'or')) return undefined;
  const parts = filter.args.flatMap((arg) => compilePredicate(arg, schema) ?? []);
  if (parts.length < filter.args.length) return undefined;
  const isAnd = filter.function === 'and';
  return {
    mayRaise: false,
    bind: (batch) => {
      if (isAnd) return bindConjunction(parts, batch);
      const tests = parts.map((part) => part.bind(batch));
      return (row) => tests.some((test) => test(row));
    },
  };
}

/**
 * Binds conjuncts to a batch as one test. Those that may raise run last, on rows that every other one has passed, so that a guard
 * beside them protects them in whatever order they were written.
 */
export function bindConjunction(predicates: readonly Predicate[], batch: RecordBatch): RowTest {
  const ordered = [...predicates.filter((one) => !one.mayRaise), ...predicates.filter((one) => one.mayRaise)];
  const tests = ordered.map((predicate) => predicate.bind(batch));
  const [first, second, ...rest] = tests;
  if (first === undefined) return () => true;
  if (second === undefined) return first;
  if (rest.length === 0) return (row) => first(row) && second(row);
  return (row) => tests.every((test) => test(row));
}

function conjunctsOf(filter: Expr): readonly Expr[] {
  return filter.kind === 'call' && filter.function === 'and' ? filter.args.flatMap(conjunctsOf) : [filter];
}

function nullTestedColumn(filter: Expr, schema: Schema): number {
  if (filter.kind !== 'call' || (filter.function !== 'is_null' && filter.function !== 'is_not_null')) return -1;
  const [arg] = filter.args;
  if (arg?.kind !== 'column' || arg.path.length !== 1) return -1;
  return schema.fields.findIndex((field) => field.name === arg.path[0]);
}
