import type { QueryParameters } from '@millrace/duckdb';
import { createRandom } from '../random/random.ts';
import { findJoinPaths } from './join-paths.ts';
import type { QueryContext, QueryShape } from './query-context.ts';
import { createQueryValues, type ParameterStyle } from './query-values.ts';
import type { SampleTable } from './sample-tables.ts';
import { setShape, twiceUsedShape } from './shapes/combined-shapes.ts';
import { groupShape, windowShape } from './shapes/group-shapes.ts';
import { derivedShape, filterShape, joinShape, limitedCountShape, topRowsShape } from './shapes/rows-shapes.ts';
import { membershipShape, scalarShape } from './shapes/subquery-shapes.ts';
import { readTable } from './table-data.ts';

/** A query with the values of its parameters and the features that it has. */
export interface GeneratedQuery {
  readonly sql: string;
  readonly parameters?: QueryParameters;
  /** For example `filter` (WHERE has a predicate of its own), `self_join`, `window`, `dollar_name`; sorted. */
  readonly tags: readonly string[];
}

/** Makes random queries. */
export interface QueryGenerator {
  /** The next query; the n-th one does not depend on those before it. */
  next(): GeneratedQuery;
}

/** What queries are generated over. */
export interface QueryGeneratorOptions {
  /** A whole number from 0 to 2^32 - 1; equal seeds give equal queries. */
  readonly seed: number;
  /** At least one; columns of the types that `createSampleTables` uses. */
  readonly tables: readonly SampleTable[];
}

const SHAPES: readonly QueryShape[] = [
  ...repeat(filterShape, 5),
  ...repeat(joinShape, 4),
  ...repeat(membershipShape, 3),
  ...repeat(groupShape, 3),
  ...repeat(topRowsShape, 3),
  ...repeat(twiceUsedShape, 2),
  ...repeat(setShape, 2),
  ...repeat(windowShape, 2),
  ...repeat(scalarShape, 2),
  derivedShape,
  limitedCountShape,
];

const STYLES: readonly ParameterStyle[] = ['none', 'none', 'dollar_number', 'question_mark', 'dollar_name'];

/**
 * Random queries for comparing engines and plans with each other.
 *
 * Each query never fails, and its rows are the same multiset however it is run: orders that a limit or window depends on are total up
 * to equal rows, sums are of exact numbers. Predicates are made to keep one existing row, so that most queries return some.
 */
export function createQueryGenerator({ seed, tables }: QueryGeneratorOptions): QueryGenerator {
  const random = createRandom(seed, 'queries');
  const data = tables.map(readTable);
  const joinPaths = findJoinPaths(data);
  let number = 0;
  return {
    next() {
      random.seek(number++);
      const style = random.pick(STYLES);
      const values = createQueryValues(random, style);
      const tags = new Set<string>();
      let aliasCount = 0;
      const context: QueryContext = {
        random,
        values,
        tables: data,
        joinPaths,
        alias: () => `r${++aliasCount}`,
        tag: (name) => tags.add(name),
      };
      const text = random.pick(SHAPES)(context);
      const { sql, parameters } = values.finish(text);
      if (parameters !== undefined) tags.add(style);
      return { sql, ...(parameters === undefined ? {} : { parameters }), tags: [...tags].sort() };
    },
  };
}

function repeat(shape: QueryShape, count: number): readonly QueryShape[] {
  return new Array<QueryShape>(count).fill(shape);
}
