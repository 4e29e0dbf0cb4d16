import type { RecordBatch } from '@millrace/core';
import { describe, expect, test } from 'vitest';
import type { RowSink } from './load-writer.ts';
import { type LoadStart, RefreshStates } from './refresh-states.ts';

const BATCH: RecordBatch = { schema: { fields: [] }, numRows: 3, data: { children: [] } };

/** A refresh whose engine notes what it is told. */
function begin(fails: { readonly prepare?: boolean; readonly finish?: boolean } = {}) {
  const controller = new AbortController();
  const told: string[] = [];
  const states = new RefreshStates({
    component: 'dataset orders',
    connector: 'engine',
    signal: controller.signal,
    onEnd: () => told.push('ended'),
  });
  const openSink = (): RowSink => {
    let rowCount = 0n;
    return {
      async write({ numRows }) {
        rowCount += BigInt(numRows);
      },
      async finish() {
        if (fails.finish) throw new Error('finish');
        return rowCount;
      },
      async discard(reason) {
        told.push(`discarded ${reason}`);
      },
    };
  };
  const prepare = async (start: LoadStart): Promise<void> => {
    told.push(`prepared ${start}`);
    if (fails.prepare) throw new Error('prepare');
  };
  const end = (reason?: unknown) =>
    states.end(async (from) => {
      told.push(`released ${from}`);
    }, reason);
  return { controller, told, states, writer: () => states.writer(prepare, openSink), end };
}

describe('a refresh', () => {
  test('loads, commits and ends once', async () => {
    const { states, told, writer, end } = begin();
    const rows = await writer();
    await rows.write(BATCH);
    await rows.write(BATCH);
    expect(await rows.finish()).toEqual({ rowCount: '6' });
    expect(await states.commit(async (loadedCount) => loadedCount)).toBe(6n);
    await Promise.all([end(), end(), end('late')]);
    expect(told).toEqual(['prepared empty', 'released ended', 'ended']);
  });

  test('takes the rows of one writer', async () => {
    const { writer } = begin();
    const rows = await writer();
    await expect(writer()).rejects.toMatchObject({
      code: 'invalid_state',
      reason: expect.stringContaining('one writer'),
    });
    await rows.finish();
    await expect(writer()).rejects.toMatchObject({ code: 'invalid_state' });
  });

  test('takes another writer when one failed at its end, or was given up', async () => {
    const failing = begin({ finish: true });
    await expect((await failing.writer()).finish()).rejects.toThrow('finish');
    const given = begin();
    await (await given.writer())[Symbol.asyncDispose]();
    for (const { states, told, writer } of [failing, given]) {
      expect(states.phase).toBe('spoiled');
      await writer();
      expect(told.at(-1)).toBe('prepared spoiled');
    }
  });

  test('takes another writer when one could not be opened', async () => {
    const { states, writer } = begin({ prepare: true });
    await expect(writer()).rejects.toThrow('prepare');
    expect(states.phase).toBe('spoiled');
  });

  test('refuses a writer that has ended', async () => {
    const { writer } = begin();
    const rows = await writer();
    await rows.finish();
    for (const late of [() => rows.write(BATCH), () => rows.finish()])
      await expect(late()).rejects.toMatchObject({ code: 'invalid_state' });
  });

  test('is not committed before its rows are there', async () => {
    const { states, writer } = begin();
    const commit = () => states.commit(async () => undefined);
    await expect(commit()).rejects.toMatchObject({ code: 'invalid_state' });
    await writer();
    await expect(commit()).rejects.toMatchObject({ code: 'invalid_state' });
    expect(states.phase).toBe('loading');
  });

  test('loads anew when a commit failed, but not while one runs', async () => {
    const { states, told, writer } = begin();
    await (await writer()).finish();
    const committed = states.commit(async () => {
      await expect(writer()).rejects.toMatchObject({ code: 'invalid_state' });
      throw new Error('commit');
    });
    await expect(committed).rejects.toThrow('commit');
    await writer();
    expect(told).toEqual(['prepared empty', 'prepared spoiled']);
  });

  test('loads without a writer, and with one where that cannot be', async () => {
    const { states } = begin();
    expect(await states.load(async () => undefined)).toBeUndefined();
    expect(states.phase).toBe('spoiled');
    expect(await states.load(async (start) => (start === 'spoiled' ? 5n : 0n))).toBe(5n);
    expect(await states.commit(async (loadedCount) => loadedCount)).toBe(5n);
  });

  test('discards its writer at the end, and takes no other', async () => {
    const { states, told, writer, end } = begin();
    const rows = await writer();
    await end('enough');
    expect(told).toEqual(['prepared empty', 'discarded enough', 'released loading', 'ended']);
    await expect(rows.write(BATCH)).rejects.toMatchObject({ code: 'invalid_state' });
    const commit = (): Promise<unknown> => states.commit(async () => expect.fail('committed'));
    for (const late of [writer, commit])
      await expect(late()).rejects.toMatchObject({ code: 'invalid_state', reason: 'the refresh has ended' });
  });

  test('opens no writer when it ends meanwhile', async () => {
    const { states, end } = begin();
    const opened = states.writer(
      () => end(),
      () => expect.fail('opened'),
    );
    await expect(opened).rejects.toMatchObject({ code: 'invalid_state', reason: 'the refresh has ended' });
  });

  test('lets nothing go while a writer is prepared', async () => {
    const { states, told, end } = begin();
    let prepared = (): void => undefined;
    const opened = states.writer(
      () =>
        new Promise((resolve) => {
          prepared = resolve;
        }),
      () => expect.fail('opened'),
    );
    const refused = expect(opened).rejects.toMatchObject({ code: 'invalid_state' });
    const ended = end();
    await new Promise((resolve) => setImmediate(resolve));
    expect(told).toEqual([]);
    prepared();
    await Promise.all([refused, ended]);
    expect(told).toEqual(['released loading', 'ended']);
  });

  test('does nothing more once it is cancelled', async () => {
    const { controller, states, writer } = begin();
    const rows = await writer();
    controller.abort();
    for (const late of [() => rows.write(BATCH), () => rows.finish(), writer, () => states.load(async () => 0n)])
      await expect(late()).rejects.toMatchObject({ code: 'cancelled' });
  });

  test('lets go what it holds, whatever fails at the end', async () => {
    const { states, told } = begin();
    await expect(
      states.end(async () => {
        throw new Error('release');
      }),
    ).rejects.toThrow('release');
    expect(told).toEqual(['ended']);
  });
});
