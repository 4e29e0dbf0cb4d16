import { projectBatch } from '@millrace/arrow';
import type { QueryParameters } from '@millrace/duckdb';
import { predicate } from '../queries/predicate.ts';
import type { QueryContext } from '../queries/query-context.ts';
import { createQueryValues } from '../queries/query-values.ts';
import { type Relation, tableRelation } from '../queries/relation.ts';
import type { SampleTable } from '../queries/sample-tables.ts';
import { readTable } from '../queries/table-data.ts';
import { kindOf } from '../queries/value-kind.ts';
import { createRandom, type Random } from '../random/random.ts';
import { canBeListed, longList } from './long-list.ts';
import { sampleVariants } from './sample-variants.ts';

/** A random predicate over one table. */
export interface GeneratedPredicate {
  /** Counts from 0; with the seed it names the predicate. */
  readonly number: number;
  /** What stands behind WHERE. Columns are written with the alias `t`. */
  readonly where: string;
  readonly parameters?: QueryParameters;
  /** The longest list that was put in on purpose; 0 for none. */
  readonly listLength: number;
}

/** What predicates are generated over. */
export interface PredicateGeneratorOptions {
  /** A whole number from 0 to 2^32 - 1; equal seeds give equal predicates. */
  readonly seed: number;
  /**
   * The table's rows: predicates are made to keep one of them, and compare with values near theirs. Columns of types that predicates are not
   * generated over (nested ones, enumerations, UUIDs, intervals) are left out.
   */
  readonly table: SampleTable;
  /** Longest list of IN; default 40,000. */
  readonly maxListLength?: number;
}

/** Makes random predicates. */
export interface PredicateGenerator {
  /** The next predicate; the n-th one does not depend on those before it. */
  next(): GeneratedPredicate;
}

const LIST_LENGTHS = [20, 100, 1000, 1001, 5000, 40_000] as const;
/** Of each hundred predicates so many have a list of a given length; the longest are seldom, as each costs about a second. */
const LIST_WEIGHTS = [3, 2, 1, 1, 0.5, 0.3] as const;

/**
 * Random predicates for comparing a source's answer with the engine's: AND, OR, NOT and CASE over comparisons, lists, patterns with escapes
 * and null tests. Most keep some rows and drop some.
 *
 * @throws TypeError for a table without rows, or without a column that predicates are generated over.
 */
export function createPredicateGenerator(options: PredicateGeneratorOptions): PredicateGenerator {
  const { seed, maxListLength = 40_000 } = options;
  const random = createRandom(seed, 'predicates');
  const data = readTable(comparableColumns(options.table));
  if (data.rowCount === 0) throw new TypeError(`${data.name} has no rows to make predicates for`);
  const variants = data.columns.map(({ type, samples }) => [...samples, ...sampleVariants(type, samples)]);
  let number = 0;
  return {
    next() {
      const current = number++;
      random.seek(current);
      const values = createQueryValues(random, random.pick(['none', 'none', 'dollar_number'] as const));
      const context: QueryContext = { random, values, tables: [data], joinPaths: [], alias: () => 't', tag: () => {} };
      const relation = withVariants(tableRelation(data, 't', random.integer(0, data.rowCount - 1)), variants);
      const { columns } = relation;
      const simple = predicate({ context, columns, depth: random.integer(1, 3), leaves: 'pushable' });
      const listLength = Math.min(drawListLength(random), maxListLength);
      const column = random.pick(columns);
      const isListed = listLength > 0 && canBeListed({ column });
      const list = isListed ? longList({ context, column, want: 'true' }, listLength) : undefined;
      const joined = random.pick([`${list}`, `(${list}) AND (${simple})`, `NOT (NOT (${list}) OR NOT (${simple}))`]);
      const { sql, parameters } = values.finish(list === undefined ? simple : joined);
      return {
        number: current,
        where: sql,
        ...(parameters !== undefined && { parameters }),
        listLength: isListed ? listLength : 0,
      };
    },
  };
}

function withVariants(relation: Relation, samples: readonly Relation['columns'][number]['samples'][]): Relation {
  return {
    ...relation,
    columns: relation.columns.map((column, index) => ({ ...column, samples: samples[index] ?? column.samples })),
  };
}

function drawListLength(random: Random): number {
  let draw = random.integer(0, 999) / 10;
  for (const [index, weight] of LIST_WEIGHTS.entries()) {
    draw -= weight;
    if (draw < 0) return LIST_LENGTHS[index]!;
  }
  return 0;
}

/** The table without the columns that predicates are not generated over. */
function comparableColumns({ name, schema, batches }: SampleTable): SampleTable {
  const ordinals = schema.fields.flatMap(({ type }, ordinal) => {
    try {
      kindOf(type);
      return [ordinal];
    } catch {
      return [];
    }
  });
  if (ordinals.length === 0) throw new TypeError(`${name} has no column that predicates are generated over`);
  return {
    name,
    schema: { fields: ordinals.map((ordinal) => schema.fields[ordinal]!) },
    batches: batches.map((batch) => projectBatch(batch, ordinals)),
  };
}
