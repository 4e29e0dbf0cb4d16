import { dataTypes } from '@millrace/core';
import { type LeafRequest, sampleOf } from './leaf-request.ts';

/** A predicate that only text has. */
export function textPredicate(request: LeafRequest): string {
  const { context, column } = request;
  const { random, values } = context;
  switch (random.integer(0, 7)) {
    case 0:
    case 1:
    case 2:
    case 3:
      return likePredicate(request);
    case 4:
      return functionPredicate(request);
    case 5: {
      const length = [...(column.value as string)].length;
      const bound = Math.max(0, length + random.integer(-2, 2));
      return `length(${column.ref}) ${comparator(request, length, bound)} ${values.write(bound, dataTypes.int32())}`;
    }
    case 6: {
      const sample = sampleOf(request) as string;
      const isEqual = (column.value as string).toLowerCase() === sample.toLowerCase();
      const operator = isEqual === (request.want === 'true') ? '=' : '<>';
      return `lower(${column.ref}) ${operator} lower(${values.write(sample, column.type)})`;
    }
    default:
      return guardedCast(request);
  }
}

/** Pieces of a sample, by where they have to stand. */
type Place = 'start' | 'end' | 'anywhere' | 'whole';

function likePredicate(request: LeafRequest): string {
  const { context, column, want } = request;
  const { random, values } = context;
  const letters = [...(sampleOf(request) as string)];
  const place = random.pick<Place>(['start', 'start', 'end', 'anywhere', 'whole']);
  const piece = pieceOf(letters, place, random.integer(0, letters.length), random.integer(0, letters.length));
  const needsEscape = /[%_^]/.test(piece);
  const escaped = needsEscape ? piece.replace(/[%_^]/g, '^$&') : piece;
  const patterns: Readonly<Record<Place, string>> = {
    start: `${escaped}%`,
    end: `%${escaped}`,
    anywhere: `%${escaped}%`,
    whole: escaped,
  };
  const operator = matches(column.value as string, piece, place) === (want === 'true') ? 'LIKE' : 'NOT LIKE';
  const suffix = needsEscape ? " ESCAPE '^'" : '';
  return `${column.ref} ${operator} ${values.write(patterns[place], column.type)}${suffix}`;
}

function functionPredicate(request: LeafRequest): string {
  const { context, column, want } = request;
  const { random, values } = context;
  const letters = [...(sampleOf(request) as string)];
  const place = random.pick<Place>(['start', 'end', 'anywhere']);
  const piece = pieceOf(letters, place, random.integer(0, letters.length), random.integer(0, letters.length));
  const name = { start: 'starts_with', end: 'ends_with', anywhere: 'contains', whole: 'contains' }[place];
  const call = `${name}(${column.ref}, ${values.write(piece, column.type)})`;
  return matches(column.value as string, piece, place) === (want === 'true') ? call : `NOT ${call}`;
}

/** A cast that would fail on other rows, behind the test that keeps it from them. */
function guardedCast({ context, column, want }: LeafRequest): string {
  const { random, values } = context;
  const text = column.value as string;
  const number = /^-?[0-9]{1,6}$/.test(text) ? Number(text) : -1;
  const bound = random.integer(-3, 12);
  const call = `CASE WHEN regexp_full_match(${column.ref}, '-?[0-9]{1,6}') THEN CAST(${column.ref} AS INTEGER) ELSE -1 END`;
  const holds = number >= bound;
  return `${call} ${holds === (want === 'true') ? '>=' : '<'} ${values.write(bound, dataTypes.int32())}`;
}

function pieceOf(letters: readonly string[], place: Place, first: number, second: number): string {
  const [low, high] = first < second ? [first, second] : [second, first];
  const ends: Readonly<Record<Place, readonly [number, number]>> = {
    start: [0, high],
    end: [low, letters.length],
    anywhere: [low, high],
    whole: [0, letters.length],
  };
  return letters.slice(...ends[place]).join('');
}

function matches(text: string, piece: string, place: Place): boolean {
  switch (place) {
    case 'start':
      return text.startsWith(piece);
    case 'end':
      return text.endsWith(piece);
    case 'anywhere':
      return text.includes(piece);
    case 'whole':
      return text === piece;
    default:
      return place satisfies never;
  }
}

function comparator({ want }: LeafRequest, left: number, right: number): string {
  return left <= right === (want === 'true') ? '<=' : '>';
}
