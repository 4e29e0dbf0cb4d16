import { MillraceError } from '@millrace/core';
import { discoverPlugins } from '@millrace/core/registry';
import { expect, test } from 'vitest';

test('tests run on the sources: the stack of an error thrown in core points into src', () => {
  expect(() => discoverPlugins(null as never)).toThrow(
    expect.toSatisfy((error: Error) => /\/packages\/core\/src\/registry\/discover-plugins\.ts/.test(error.stack ?? '')),
  );
  const { stack } = new MillraceError({ code: 'internal', component: 'c', message: 'm' });
  expect(stack).not.toMatch(/\/packages\/core\/dist\//);
});
