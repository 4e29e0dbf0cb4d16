import type { CreateTableCommand } from '@millrace/core';
import { expect, test } from 'vitest';
import { AcceleratorLife } from './accelerator-life.ts';

const COMMAND: CreateTableCommand = {
  name: { table: 'orders' },
  schema: { fields: [] },
  mode: 'memory',
  definitionHash: 'h1',
  refreshMode: 'full',
};

test('what is opened is opened once, again after a failure, and closed once', async () => {
  const life = new AcceleratorLife<string>('engine');
  await expect(life.open(COMMAND, () => Promise.reject(new Error('open')))).rejects.toThrow('open');
  expect([life.isOpen, await life.opened()]).toEqual([false, undefined]);
  const [first, second] = await Promise.all([
    life.open(COMMAND, async () => 'first'),
    life.open(COMMAND, async () => 'second'),
  ]);
  expect([first, second, life.isOpen]).toEqual(['first', 'first', true]);
  const closed: (string | undefined)[] = [];
  const close = () =>
    life.close(async (opened) => {
      closed.push(opened);
    });
  await Promise.all([close(), close()]);
  expect([closed, life.isOpen]).toEqual([['first'], false]);
  expect(() => life.open(COMMAND, async () => 'third')).toThrow(expect.objectContaining({ code: 'invalid_state' }));
});
