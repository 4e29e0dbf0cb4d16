import { expect, it } from 'vitest';
import { describeReload } from './describe-reload.ts';

it('says what a reload did, and what it could not do', () => {
  expect(describeReload({ added: [], updated: [], removed: [], settings: [], failed: [] })).toBe(
    'nothing has changed\n',
  );
  expect(
    describeReload({
      added: ['a', 'b'],
      updated: ['c'],
      removed: ['d'],
      settings: ['runtime.caching'],
      failed: [{ name: 'e', code: 'unavailable', message: 'dataset e: no answer' }],
    }),
  ).toBe('added a, b\nupdated c\nremoved d\nchanged runtime.caching\nnot updated e: dataset e: no answer\n');
});
