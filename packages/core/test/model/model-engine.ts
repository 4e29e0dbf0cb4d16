import type { Applied } from '../../src/index.ts';
import {
  aggregateRows,
  MODEL_FILTERS,
  type ModelAggregate,
  type ModelRow,
  mergePartials,
  type Random,
  sampleRows,
  shuffle,
  sortKey,
} from './model-table.ts';

/** A request to the model: which stages there are. */
export interface ModelRequest {
  readonly sample: boolean;
  readonly filterCount: number;
  readonly aggregate: ModelAggregate | undefined;
  readonly order: boolean;
  readonly offset: number;
  /** Undefined is no limit. */
  readonly limit: number | undefined;
}

/** One answer of a provider to a request. */
export interface ModelCase {
  readonly request: ModelRequest;
  readonly applied: Applied;
  readonly partitionCount: number;
}

/**
 * A source that does what it claims, in the worst way that the contract allows: any order of rows unless it claims one, any
 * superset where a filter or a limit is inexact, any split into partitions and partial groups.
 */
export function runProvider(
  { request, applied, partitionCount }: ModelCase,
  table: readonly ModelRow[],
  random: Random,
): ModelRow[][] {
  let rows = shuffle(applied.sample === true ? sampleRows(table) : table, random);
  for (const [index, degree] of applied.filters.entries()) {
    const isWanted = MODEL_FILTERS[index]!;
    if (degree !== 'none') rows = rows.filter((row) => isWanted(row) || (degree === 'inexact' && random(2) === 0));
  }
  return split(rows, partitionCount, random).map((part) => {
    let result = aggregateAtSource(part, { request, applied }, random);
    if (applied.order === 'exact') result = [...result].sort((left, right) => sortKey(left) - sortKey(right));
    if (applied.offset === true) result = result.slice(request.offset);
    if (request.limit === undefined || (applied.limit ?? 'none') === 'none') return result;
    const residualOffset = applied.offset === true ? 0 : request.offset;
    return result.slice(0, applied.limit === 'exact' ? request.limit : request.limit + residualOffset + random(2));
  });
}

/** An engine that finishes what the answer left, trusting its claims. */
export function runEngine(
  { request, applied }: ModelCase,
  partitions: readonly ModelRow[][],
  random: Random,
): ModelRow[] {
  const aggregate = applied.aggregate ?? 'none';
  const isSorted = applied.order === 'exact';
  let rows = isSorted ? mergeSorted(partitions) : shuffle(partitions.flat(), random);
  if (request.sample && applied.sample !== true) rows = sampleRows(rows);
  if (aggregate === 'none')
    for (const [index, degree] of applied.filters.entries())
      if (degree !== 'exact') rows = rows.filter(MODEL_FILTERS[index]!);
  if (request.aggregate !== undefined && aggregate !== 'complete')
    rows = shuffle((aggregate === 'none' ? aggregateRows : mergePartials)(rows, request.aggregate), random);
  if (request.order && !isSorted) rows = [...rows].sort((left, right) => sortKey(left) - sortKey(right));
  if (applied.offset !== true) rows = rows.slice(request.offset);
  return applied.limit === 'exact' ? rows : rows.slice(0, request.limit);
}

/** Tells whether a result is one of those that SQL allows: ties and missing orders leave a choice of rows. */
export function isRightResult(request: ModelRequest, table: readonly ModelRow[], result: readonly ModelRow[]): boolean {
  let full = request.sample ? sampleRows(table) : [...table];
  for (const isWanted of MODEL_FILTERS.slice(0, request.filterCount)) full = full.filter(isWanted);
  if (request.aggregate !== undefined) full = aggregateRows(full, request.aggregate);
  const end = request.limit === undefined ? full.length : request.offset + request.limit;
  const keys = full.map(sortKey).sort((left, right) => left - right);
  if (result.length !== keys.slice(request.offset, end).length) return false;
  if (request.order && keys.slice(request.offset, end).some((key, index) => key !== sortKey(result[index]!)))
    return false;
  const available = full.map(identity);
  return result.every((row) => {
    const index = available.indexOf(identity(row));
    return index >= 0 && available.splice(index, 1).length === 1;
  });
}

function identity({ id, values }: ModelRow): string {
  return `${id}:${values.join()}`;
}

function aggregateAtSource(
  rows: ModelRow[],
  { request, applied }: Pick<ModelCase, 'request' | 'applied'>,
  random: Random,
): ModelRow[] {
  if (request.aggregate === undefined || (applied.aggregate ?? 'none') === 'none') return rows;
  if (applied.aggregate === 'complete') return aggregateRows(rows, request.aggregate);
  const { aggregate } = request;
  return split(rows, 1 + random(3), random).flatMap((chunk) => aggregateRows(chunk, aggregate));
}

function split(rows: readonly ModelRow[], count: number, random: Random): ModelRow[][] {
  const parts: ModelRow[][] = Array.from({ length: count }, () => []);
  for (const row of rows) parts[random(count)]!.push(row);
  return parts;
}

/** Merges by the heads alone, as an engine does that trusts each partition to be sorted. */
function mergeSorted(partitions: readonly ModelRow[][]): ModelRow[] {
  const queues = partitions.map((partition) => [...partition]);
  const merged: ModelRow[] = [];
  for (;;) {
    const filled = queues.filter((queue) => queue.length > 0);
    if (filled.length === 0) return merged;
    const next = filled.reduce((best, queue) => (sortKey(queue[0]!) < sortKey(best[0]!) ? queue : best));
    merged.push(next.shift()!);
  }
}
