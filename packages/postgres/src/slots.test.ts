import { isMillraceError } from '@millrace/core';
import { expect, test } from 'vitest';
import { Slots } from './slots.ts';

const never = new AbortController().signal;

test('slots are given in the order of asking, and one that is given up is nobody else’s loss', async () => {
  const slots = new Slots({ count: 1, timeoutMs: 10_000, component: 'test' });
  await slots.take(never);
  const order: string[] = [];
  const gone = new AbortController();
  const waiting = [
    slots.take(never).then(() => order.push('first')),
    slots.take(gone.signal).catch(() => order.push('gone')),
    slots.take(never).then(() => order.push('second')),
  ];
  gone.abort(new Error('gone'));
  await waiting[1];
  slots.give();
  await waiting[0];
  slots.give();
  await waiting[2];
  expect(order).toEqual(['gone', 'first', 'second']);
});

test('waiting too long is `resource_exhausted`, and leaves nothing behind', async () => {
  const slots = new Slots({ count: 1, timeoutMs: 20, component: 'test' });
  await slots.take(never);
  const error = await slots.take(never).catch((reason: unknown) => reason);
  expect(isMillraceError(error) && error.code).toBe('resource_exhausted');
  slots.give();
  await slots.take(never);
});
