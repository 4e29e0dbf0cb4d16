import { expect, test } from 'vitest';
import { versionNames } from './version-names.ts';

test('a version is known by the name of its table, and no other table is taken for one', () => {
  const { version, versionOf } = versionNames('Orders', (name) => name.toLowerCase());
  expect(version(42)).toBe('__millrace_Orders__v42');
  expect([version(42), version(42).toUpperCase()].map(versionOf)).toEqual([42, 42]);
  for (const other of [
    'Orders',
    '__millrace_Orders2__v42',
    '__millrace_Orders__v',
    '__millrace_Orders__v4x',
    '__millrace_checkpoint',
  ])
    expect(versionOf(other)).toBeUndefined();
});
