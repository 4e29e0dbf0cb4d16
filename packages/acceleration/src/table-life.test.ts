import type { RefreshRequest, RefreshSession } from '@millrace/core';
import { dataTypes, field } from '@millrace/core';
import { expect, test } from 'vitest';
import { TableLife } from './table-life.ts';

const FULL: RefreshRequest = { mode: { kind: 'overwrite' } };

function open() {
  return new TableLife({ component: 'dataset orders', connector: 'engine', refreshModes: ['full', 'append'] });
}

function session(told: string[], onEnd: () => void): RefreshSession {
  const abort = async (): Promise<void> => {
    told.push('aborted');
    onEnd();
  };
  return {
    writer: () => expect.fail('no rows'),
    commit: () => expect.fail('no commit'),
    abort,
    [Symbol.asyncDispose]: abort,
  };
}

test('one refresh runs at a time, and another one when it has ended or could not begin', async () => {
  const life = open();
  const told: string[] = [];
  const begin = () => life.beginRefresh(FULL, async (onEnd) => session(told, onEnd));
  await expect(life.beginRefresh(FULL, () => Promise.reject(new Error('begin')))).rejects.toThrow('begin');
  const first = await begin();
  await expect(begin()).rejects.toMatchObject({ code: 'conflict' });
  await first.abort();
  await (await begin()).abort();
  expect(told).toEqual(['aborted', 'aborted']);
});

test('modes that are not known, and new columns beside old rows, are refused', async () => {
  const life = open();
  const redefine = {
    name: { table: 'orders' },
    schema: { fields: [field('id', dataTypes.int64())] },
    mode: 'memory',
    definitionHash: 'h2',
    refreshMode: 'full',
  } as const;
  const requests: readonly RefreshRequest[] = [
    { mode: { kind: 'append' } },
    { mode: { kind: 'changes' } },
    { mode: { kind: 'overwrite_where', filters: [] }, redefine },
  ];
  for (const request of requests)
    await expect(life.beginRefresh(request, () => expect.fail('begun'))).rejects.toMatchObject({ code: 'unsupported' });
});

test('closing aborts what runs, then lets go, once; a closed table does nothing', async () => {
  const life = open();
  const told: string[] = [];
  await life.beginRefresh(FULL, async (onEnd) => session(told, onEnd));
  const release = async (): Promise<void> => {
    told.push('released');
  };
  await Promise.all([life.close(release), life.close(release)]);
  expect(told).toEqual(['aborted', 'released']);
  expect(life.closing.aborted).toBe(true);
  expect(() => life.requireOpen()).toThrow(expect.objectContaining({ code: 'invalid_state' }));
  await expect(life.beginRefresh(FULL, () => expect.fail('begun'))).rejects.toMatchObject({ code: 'invalid_state' });
});

test('a guard tells when the columns have changed since', async () => {
  const life = open();
  const before = life.columnsGuard();
  await before();
  life.beginChange();
  const during = life.columnsGuard();
  life.endChange();
  for (const guard of [before, during]) await expect(guard()).rejects.toMatchObject({ code: 'conflict' });
  await life.columnsGuard()();
});

test('a guard waits while the columns change, and lets pass where nothing came of it', async () => {
  const life = open();
  const begin = () => life.beginRefresh(FULL, async (onEnd) => session([], onEnd));
  const told: string[] = [];
  const ask = async (name: string): Promise<void> => {
    const guard = life.columnsGuard();
    await guard().then(
      () => told.push(`${name} passed`),
      () => told.push(`${name} refused`),
    );
  };
  const failing = await begin();
  life.beginChange();
  const first = ask('first');
  await new Promise((resolve) => setImmediate(resolve));
  expect(told).toEqual([]);
  await failing.abort();
  await first;
  await begin();
  life.beginChange();
  const second = ask('second');
  await new Promise((resolve) => setImmediate(resolve));
  expect(told).toEqual(['first passed']);
  life.endChange();
  await second;
  expect(told).toEqual(['first passed', 'second refused']);
});
