import { dataTypes } from '@millrace/core';
import type { QueryParameters } from '@millrace/duckdb';
import { expect, it } from 'vitest';
import { toStatementKey } from '../../src/results-cache/statement-key.ts';

const SQL = 'SELECT $1';

const DIFFERENT: readonly (QueryParameters | undefined)[] = [
  undefined,
  [],
  [1],
  [1n],
  ['1'],
  [true],
  ['true'],
  [null],
  ['null'],
  [0],
  [-0],
  [Number.NaN],
  ['NaN'],
  [Number.POSITIVE_INFINITY],
  [new Date(1)],
  [String(new Date(1))],
  [new Uint8Array([1])],
  [new Uint8Array([1, 0])],
  [new Uint8Array()],
  [1, 1],
  [{ value: 1, type: dataTypes.int32() }],
  [{ value: 1, type: dataTypes.int64() }],
  [{ value: 1n, type: dataTypes.int64() }],
  [{ value: '1', type: dataTypes.decimal(10, 2) }],
  [{ value: '1', type: dataTypes.decimal(10, 3) }],
  [{ value: '1', type: dataTypes.utf8() }],
  [{ value: '1', type: dataTypes.utf8(), metadata: new Map([['ARROW:extension:name', 'arrow.json']]) }],
  [{ value: [1, '1'], type: dataTypes.utf8() }],
  [{ value: { a: 1, b: '1' }, type: dataTypes.utf8() }],
  [{ value: { a: '1', b: 1 }, type: dataTypes.utf8() }],
  [{ value: ['a', 1, 'b', '1'], type: dataTypes.utf8() }],
  { a: 1 },
  { a: '1' },
  { b: 1 },
  { a: 1, b: 2 },
  { 1: 1 },
];

it('tells values apart by their types, and names from positions', () => {
  const keys = DIFFERENT.map((parameters) => toStatementKey(SQL, parameters));
  expect(keys.filter((key) => key === undefined)).toEqual([]);
  expect(new Set(keys).size).toBe(DIFFERENT.length);
});

it('is the same for the same values, in whatever order they are named', () => {
  for (const parameters of DIFFERENT) {
    const copied = parameters === undefined ? undefined : structuredClone(parameters);
    expect(toStatementKey(SQL, copied)).toBe(toStatementKey(SQL, parameters));
  }
  expect(toStatementKey(SQL, { b: 2, a: 1 })).toBe(toStatementKey(SQL, { a: 1, b: 2 }));
});

it('cannot be made to mean another statement by what stands in a text', () => {
  expect(toStatementKey('SELECT 1', ['x'])).not.toBe(toStatementKey('SELECT 1",["x"]', undefined));
});

it('is missing for what is too long or has an unknown form', () => {
  const long = 'x'.repeat(70_000);
  expect(toStatementKey(`SELECT '${long}'`, undefined)).toBeUndefined();
  expect(toStatementKey(SQL, [long])).toBeUndefined();
  expect(toStatementKey(SQL, [new Uint8Array(70_000)])).toBeUndefined();
  expect(toStatementKey(SQL, [new (class Point {})() as never])).toBeUndefined();
  expect(toStatementKey(SQL, [(() => 1) as never])).toBeUndefined();
});
