import type { LiteralLike } from '@millrace/arrow';
import { comparisonFor, type LeafRequest, sampleOf } from './leaf-request.ts';
import { specificPredicate } from './specific-predicate.ts';
import { textPredicate } from './text-predicate.ts';
import { compareValues } from './value-kind.ts';

/** A predicate over one column that is true, or false, for the witness. */
export function leafPredicate(request: LeafRequest): string {
  const { context, column } = request;
  const { random } = context;
  if (column.value === null) return nullPredicate(request);
  if (request.leaves === 'pushable' && column.kind === 'text' && random.chance(0.45)) return textPredicate(request);
  const draw = random.integer(0, 99);
  if (draw < 40) return comparison(request);
  if (draw < 50) return between(request);
  if (draw < 62) return inList(request);
  if (draw < 68) return nullPredicate(request);
  if (draw < 74) return distinct(request);
  if (request.leaves === 'pushable' && column.kind !== 'text' && random.chance(0.8)) return comparison(request);
  const special = column.kind === 'text' ? textPredicate(request) : specificPredicate(request);
  return special ?? comparison(request);
}

function comparison(request: LeafRequest): string {
  const { context, column } = request;
  const sample = sampleOf(request);
  const { operator, mirrored } = comparisonFor(request, column.value, sample);
  const literal = context.values.write(sample, column.type);
  return context.random.chance(0.15) ? `${literal} ${mirrored} ${column.ref}` : `${column.ref} ${operator} ${literal}`;
}

function between(request: LeafRequest): string {
  const { context, column, want } = request;
  const [low, high] = [sampleOf(request), sampleOf(request)].sort(compareValues) as [LiteralLike, LiteralLike];
  const isInside = compareValues(low, column.value) <= 0 && compareValues(column.value, high) <= 0;
  const operator = isInside === (want === 'true') ? 'BETWEEN' : 'NOT BETWEEN';
  return `${column.ref} ${operator} ${context.values.write(low, column.type)} AND ${context.values.write(high, column.type)}`;
}

function inList(request: LeafRequest): string {
  const { context, column, want } = request;
  const { random, values } = context;
  const count = random.chance(0.05) ? 40 : random.integer(1, 6);
  const items = Array.from({ length: count }, () => sampleOf(request));
  const isInside = items.some((item) => compareValues(item, column.value) === 0);
  // With a null in it, a list that does not hold the value answers null, whatever was wanted.
  if (isInside && random.chance(0.1)) items.push(null);
  const operator = isInside === (want === 'true') ? 'IN' : 'NOT IN';
  return `${column.ref} ${operator} (${items.map((item) => values.write(item, column.type)).join(', ')})`;
}

function nullPredicate(request: LeafRequest): string {
  const { context, column, want } = request;
  const { random, values } = context;
  const isNull = (column.value === null) === (want === 'true');
  if (random.chance(0.7)) return `${column.ref} ${isNull ? 'IS NULL' : 'IS NOT NULL'}`;
  return `${column.ref} ${isNull ? 'IS NOT DISTINCT FROM' : 'IS DISTINCT FROM'} ${values.write(null, column.type)}`;
}

function distinct(request: LeafRequest): string {
  const { context, column, want } = request;
  const sample = sampleOf(request);
  const isEqual = compareValues(sample, column.value) === 0;
  const operator = isEqual === (want === 'true') ? 'IS NOT DISTINCT FROM' : 'IS DISTINCT FROM';
  return `${column.ref} ${operator} ${context.values.write(sample, column.type)}`;
}
