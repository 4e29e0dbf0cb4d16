import { createValueReader } from '@millrace/arrow';
import type { RecordBatch, Schema } from '@millrace/core';
import type { QueryParameters } from '@millrace/duckdb';
import { compareResults, type ResultRows } from '../queries/compare-results.ts';
import { createPredicateGenerator, type GeneratedPredicate } from './create-predicate-generator.ts';

/** Options of one statement, as a `Runtime` takes them. */
export interface PredicateStatementOptions {
  readonly parameters?: QueryParameters;
  readonly pushdown?: 'on' | 'off';
  readonly native?: 'off';
}

/** What is used of a `Runtime` of `@millrace/runtime`. */
export interface PredicateRuntime {
  sql(
    sql: string,
    options?: PredicateStatementOptions,
  ): Promise<AsyncIterable<RecordBatch> & { readonly schema: Schema }>;
  explain(sql: string, options?: PredicateStatementOptions): Promise<{ readonly scans: readonly PredicateScan[] }>;
}

/** What is used of a scan's explanation. */
export interface PredicateScan {
  readonly table: string;
  readonly filters?: readonly { readonly expression: string; readonly degree: 'none' | 'inexact' | 'exact' }[];
  readonly source?: { readonly statement?: string };
}

/** A check of one dataset against itself without pushdown. */
export interface CheckPredicatesRequest {
  readonly runtime: PredicateRuntime;
  /** The dataset as SQL writes it. Some hundreds of rows: each predicate reads it whole once. */
  readonly dataset: string;
  readonly seed: number;
  readonly count: number;
  /** Longest list of IN; default 40,000. */
  readonly maxListLength?: number;
  /** Answers the statement from the same rows without the source, plain DuckDB for example; its table is named as the dataset. */
  readonly oracle?: (sql: string, parameters: QueryParameters | undefined) => Promise<ResultRows>;
  /** Calls `run`, which sends the failing query once more, and gives the statements that the server received meanwhile (its log). */
  readonly receivedStatements?: (run: () => Promise<void>) => Promise<readonly string[]>;
}

/** How a check went; print it. */
export interface PredicateReport {
  readonly seed: number;
  readonly count: number;
  /** Predicates of which the source applied something, exactly or more widely. */
  readonly pushedCount: number;
  /** Predicates of which the source applied everything exactly. */
  readonly exactCount: number;
  /** Predicates that keep neither none nor all of the rows. */
  readonly selectiveCount: number;
  readonly longestList: number;
}

/**
 * Compares random predicates on a dataset: what is pushed must give the rows of `pushdown: 'off'`, as a multiset, exactly.
 *
 * @throws Error at the first difference, with seed, number, predicate, plan, and the statements that the server received.
 */
export async function checkPredicates(request: CheckPredicatesRequest): Promise<PredicateReport> {
  const { runtime, dataset, seed, count, oracle } = request;
  const all = await readRows(runtime, `SELECT * FROM ${dataset} AS t`, { pushdown: 'off' });
  const generator = createPredicateGenerator({
    seed,
    table: { name: dataset, ...all },
    ...(request.maxListLength !== undefined && { maxListLength: request.maxListLength }),
  });
  const report = { seed, count, pushedCount: 0, exactCount: 0, selectiveCount: 0, longestList: 0 };
  for (let index = 0; index < count; index++) {
    const predicate = generator.next();
    const { where, parameters } = predicate;
    const sql = `SELECT * FROM ${dataset} AS t WHERE ${where}`;
    const options: PredicateStatementOptions = { native: 'off', ...(parameters !== undefined && { parameters }) };
    const pushed = await attempt(request, predicate, sql, options, 'on');
    const whole = await attempt(request, predicate, sql, options, 'off');
    const expected = oracle && (await oracle(sql, parameters));
    const difference = compareResults(pushed, whole) ?? (expected && compareResults(whole, expected));
    if (difference !== undefined) throw await describeFailure(request, predicate, sql, options, difference);

    const { scans } = await runtime.explain(sql, options);
    const degrees = scans.flatMap(({ filters = [] }) => filters.map(({ degree }) => degree));
    if (degrees.some((degree) => degree !== 'none')) report.pushedCount += 1;
    if (degrees.length > 0 && degrees.every((degree) => degree === 'exact')) report.exactCount += 1;
    if (pushed.length > 0 && pushed.length < all.rows.length) report.selectiveCount += 1;
    report.longestList = Math.max(report.longestList, predicate.listLength);
  }
  return report;
}

async function attempt(
  request: CheckPredicatesRequest,
  predicate: GeneratedPredicate,
  sql: string,
  options: PredicateStatementOptions,
  pushdown: 'on' | 'off',
): Promise<ResultRows> {
  try {
    return (await readRows(request.runtime, sql, { ...options, pushdown })).rows;
  } catch (cause) {
    throw await describeFailure(request, predicate, sql, options, `pushdown ${pushdown}: ${String(cause)}`);
  }
}

interface ReadRows {
  readonly schema: Schema;
  readonly batches: readonly RecordBatch[];
  readonly rows: ResultRows;
}

async function readRows(runtime: PredicateRuntime, sql: string, options: PredicateStatementOptions): Promise<ReadRows> {
  const result = await runtime.sql(sql, options);
  const batches: RecordBatch[] = [];
  for await (const batch of result) batches.push(batch);
  const rows = batches.flatMap((batch) => {
    const readers = batch.data.children.map(createValueReader);
    return Array.from({ length: batch.numRows }, (_, row) => readers.map((read) => read(row)));
  });
  return { schema: result.schema, batches, rows };
}

/** Longest text shown of a predicate, a plan or a statement. */
const SHOWN_LENGTH = 4_000;

async function describeFailure(
  { runtime, seed, receivedStatements }: CheckPredicatesRequest,
  { number, where, parameters }: GeneratedPredicate,
  sql: string,
  options: PredicateStatementOptions,
  difference: string,
): Promise<Error> {
  const lines = [`seed ${seed}, predicate ${number}: ${difference}`, `where: ${shorten(where)}`];
  if (parameters !== undefined) lines.push(`parameters: ${shorten(showParameters(parameters))}`);
  try {
    for (const { filters = [], source } of (await runtime.explain(sql, options)).scans) {
      for (const { expression, degree } of filters) lines.push(`filter (${degree}): ${shorten(expression)}`);
      if (source?.statement !== undefined) lines.push(`planned: ${shorten(source.statement)}`);
    }
    const received = await receivedStatements?.(async () => {
      await readRows(runtime, sql, options).catch(() => undefined);
    });
    for (const statement of received ?? []) lines.push(`received: ${shorten(statement)}`);
  } catch (cause) {
    lines.push(`(what the server received could not be found: ${String(cause)})`);
  }
  return new Error(lines.join('\n'));
}

function showParameters(parameters: QueryParameters): string {
  return JSON.stringify(parameters, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));
}

function shorten(text: string): string {
  return text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}… (${text.length} characters)` : text;
}
