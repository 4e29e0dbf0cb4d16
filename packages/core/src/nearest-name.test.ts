import { expect, test } from 'vitest';
import { nearestName } from './nearest-name.ts';

const NAMES = ['postgres', 'mysql', 'sqlite', 'file', 'memory', 's3'];

test.each([
  ['postgress', 'postgres'],
  ['psotgres', 'postgres'],
  ['Postgres', 'postgres'],
  ['mysq', 'mysql'],
  ['flie', 'file'],
  ['memroy', 'memory'],
  ['s4', 's3'],
])('%s means %s', (name, expected) => {
  expect(nearestName(name, NAMES)).toBe(expected);
});

test.each(['oracle', '', 'x', 'snowflake'])('%j is near to nothing', (name) => {
  expect(nearestName(name, NAMES)).toBeUndefined();
});

test('of equally near candidates the first wins', () => {
  expect(nearestName('cat', ['bat', 'car'])).toBe('bat');
  expect(nearestName('cat', ['car', 'bat'])).toBe('car');
  expect(nearestName('cat', ['car', 'cat'])).toBe('cat');
});

test('a swap counts as one mistake', () => {
  expect(nearestName('ab', ['ba'])).toBe('ba');
  expect(nearestName('abc', ['cab'])).toBeUndefined();
});

test('nothing is near when there are no candidates', () => {
  expect(nearestName('file', [])).toBeUndefined();
});
