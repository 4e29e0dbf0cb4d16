import { dataTypes, type Expr } from '@millrace/core';
import { expect, test } from 'vitest';
import { combineFilters } from './combine-references.ts';
import { predicate } from './comparison.ts';

const type = dataTypes.int32();

function equals(name: string, value: number): Expr {
  return predicate('eq', [
    { kind: 'column', path: [name], type },
    { kind: 'literal', value, type },
  ]);
}

test('no reference and an unfiltered reference give no filter', () => {
  expect(combineFilters([])).toEqual([]);
  expect(combineFilters([[equals('a', 1)], []])).toEqual([]);
});

test('one reference keeps its conjuncts', () => {
  expect(combineFilters([[equals('a', 1), equals('b', 2)]])).toEqual([equals('a', 1), equals('b', 2)]);
});

test('conjuncts of all references stand outside the OR', () => {
  expect(
    combineFilters([
      [equals('a', 1), equals('b', 2)],
      [equals('b', 3), equals('a', 1)],
    ]),
  ).toEqual([equals('a', 1), predicate('or', [equals('b', 2), equals('b', 3)])]);
});

test('a reference that asks for nothing more wins', () => {
  expect(combineFilters([[equals('a', 1), equals('b', 2)], [equals('a', 1)]])).toEqual([equals('a', 1)]);
});

test('equal references count once, whatever the order of their conjuncts', () => {
  const filters = [equals('a', 1), equals('b', 2)];
  expect(combineFilters([filters, filters.toReversed()])).toEqual(filters);
});

test('an OR over too many references is given up', () => {
  const references = Array.from({ length: 40 }, (_, value) => [equals('a', value), equals('b', 0)]);
  expect(combineFilters(references)).toEqual([equals('b', 0)]);
});
