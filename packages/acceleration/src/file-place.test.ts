import { join, resolve } from 'node:path';
import { type ParameterSpec, resolveParameters } from '@millrace/core';
import { expect, test } from 'vitest';
import { FilePlace } from './file-place.ts';

const SPECS: readonly ParameterSpec[] = [
  { name: 'file', kind: 'accelerator', type: 'string', description: 'The file.' },
];
const FOLDER = resolve('somewhere');

function placeOf(file?: string): FilePlace {
  const parameters = resolveParameters({
    specs: SPECS,
    prefix: 'engine',
    given: new Map(file === undefined ? [] : [['engine_file', { text: file }]]),
    component: 'test',
    connector: 'engine',
  });
  const logger = { debug() {}, info() {}, warn() {}, error() {} };
  const { signal } = new AbortController();
  const context = { signal, logger, baseDirectory: FOLDER, dataDirectory: join(FOLDER, 'data') };
  return new FilePlace({ parameters, context, connector: 'engine', extension: '.rows' });
}

test('a dataset has a file of its own, under a name that every file system takes', () => {
  const place = placeOf();
  expect(place.isNamed).toBe(false);
  expect(place.pathOf({ name: { schemaName: 'sales', table: 'orders' }, mode: 'file' })).toBe(
    join(FOLDER, 'data', 'sales.orders.rows'),
  );
  expect(place.pathOf({ name: { table: '../ž:x' }, mode: 'file' })).toBe(join(FOLDER, 'data', '..%2f%17e%3ax.rows'));
  expect(place.pathOf({ name: { table: 'orders' }, mode: 'memory' })).toBeUndefined();
});

test('a named file counts from the configuration, and is refused in memory', () => {
  const place = placeOf('db/own.rows');
  expect(place.isNamed).toBe(true);
  const name = { table: 'orders' };
  expect(place.pathOf({ name, mode: 'file' })).toBe(join(FOLDER, 'db', 'own.rows'));
  expect(placeOf(join(FOLDER, 'x')).pathOf({ name, mode: 'file' })).toBe(join(FOLDER, 'x'));
  place.requireFileMode({ name, mode: 'file' });
  placeOf().requireFileMode({ name, mode: 'memory' });
  expect(() => place.requireFileMode({ name, mode: 'memory' })).toThrow(
    expect.objectContaining({ code: 'invalid_config', message: expect.stringContaining('engine_file') }),
  );
});
