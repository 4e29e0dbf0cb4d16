import { batchFromRows, rowsFromBatch } from '@millrace/arrow';
import { type ChangeLog, dataTypes, field, type Offset, type Schema } from '@millrace/core';
import { describe, expect, it } from 'vitest';
import { CHANGE_TYPE_COLUMN, createMemoryTable, type MemoryTable } from '../src/index.ts';
import { codeOf, column, condition, context, literal, readPlan, write } from './read-all.ts';

const schema: Schema = { fields: [field('id', dataTypes.int32()), field('text', dataTypes.utf8())] };
const id = column('id', dataTypes.int32());

function table(versionsKept = 8): MemoryTable {
  return createMemoryTable({
    name: 'log',
    schema,
    rows: [
      [1, 'a'],
      [2, 'b'],
    ],
    primaryKey: ['id'],
    versionsKept,
  });
}
async function append(source: MemoryTable, ...rows: readonly (readonly unknown[])[]): Promise<void> {
  await write(source, { mode: { kind: 'append' } }, [batchFromRows(schema, rows)]);
}
async function remove(source: MemoryTable, key: number): Promise<void> {
  const plan = await source.mutate(
    { kind: 'delete', filters: [condition('eq', id, literal(key, dataTypes.int32()))] },
    context,
  );
  await plan!.run(context);
}
async function readChanges(log: ChangeLog, start: Offset, end: Offset): Promise<unknown[]> {
  const rows = await readPlan(await log.read(start, end, { projection: [0, 1], filters: [] }));
  return rows.map((row) => [row[CHANGE_TYPE_COLUMN], row.id, row.text]);
}

describe('change log', () => {
  it('gives all rows first, then each change with its images', async () => {
    const source = table();
    await using log = await source.changes(context);
    expect(log.shape).toEqual({ carryover: false, intermediate: true, updates: 'images', key: ['id'] });
    const start = await log.initial();
    const loaded = await log.latest(start, 'all');
    expect(await readChanges(log, start, loaded)).toEqual([
      ['insert', 1, 'a'],
      ['insert', 2, 'b'],
    ]);
    expect(await log.latest(loaded, 'all')).toEqual(loaded);

    await append(source, [3, 'c']);
    await write(source, { mode: { kind: 'upsert', key: ['id'], onConflict: 'update' } }, [
      batchFromRows(schema, [
        [2, 'B'],
        [4, 'd'],
      ]),
    ]);
    await remove(source, 1);
    const end = JSON.parse(JSON.stringify(await log.latest(loaded, 'all')));
    const changes = [
      ['insert', 3, 'c'],
      ['update_preimage', 2, 'b'],
      ['update_postimage', 2, 'B'],
      ['insert', 4, 'd'],
      ['delete', 1, 'a'],
    ];
    expect(await readChanges(log, loaded, end)).toEqual(changes);
    expect(await readChanges(log, loaded, end)).toEqual(changes);
    expect(await readChanges(log, end, end)).toEqual([]);
    const middle = await log.latest(loaded, { maxRows: 1 });
    expect([...(await readChanges(log, loaded, middle)), ...(await readChanges(log, middle, end))]).toEqual(changes);
  });

  it('steps over whole versions, at least one, and stops where it was frozen', async () => {
    const source = table();
    await using log = await source.changes(context);
    for (let index = 0; index < 5; index++) await append(source, [10 + index, 'x']);
    await log.freeze!();
    await append(source, [99, 'late']);
    let offset = await log.initial();
    const seen: unknown[] = [];
    for (let step = 0; step < 10; step++) {
      const next = await log.latest(offset, { maxRows: 1 });
      if (JSON.stringify(next) === JSON.stringify(offset)) break;
      seen.push(...(await readChanges(log, offset, next)));
      offset = next;
    }
    expect(seen).toHaveLength(7);
    expect(seen).not.toContainEqual(['insert', 99, 'late']);
  });

  it('converges to the table after random changes', async () => {
    const source = table(1);
    await using log = await source.changes(context);
    let offset = await log.initial();
    const replica = new Map<unknown, unknown>();
    let seed = 7;
    const random = (bound: number): number => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return seed % bound;
    };
    for (let round = 0; round < 60; round++) {
      const key = random(20);
      if (random(3) === 0) await remove(source, key);
      else
        await write(source, { mode: { kind: 'upsert', key: ['id'], onConflict: 'update' } }, [
          batchFromRows(schema, [[key, `v${round}`]]),
        ]);
      if (random(4) > 0) continue;
      const next = await log.latest(offset, 'all');
      for (const [type, rowKey, text] of (await readChanges(log, offset, next)) as [string, unknown, unknown][]) {
        if (type === 'delete' || type === 'update_preimage') replica.delete(rowKey);
        else replica.set(rowKey, text);
      }
      offset = next;
      await log.ack(offset);
    }
    const last = await log.latest(offset, 'all');
    for (const [type, rowKey, text] of (await readChanges(log, offset, last)) as [string, unknown, unknown][]) {
      if (type === 'delete' || type === 'update_preimage') replica.delete(rowKey);
      else replica.set(rowKey, text);
    }
    const plan = await source.scan({ projection: [0, 1], filters: [] }, context);
    const rows = await readPlan(plan);
    expect(new Map(rows.map((row) => [row.id, row.text]))).toEqual(replica);
  });

  it('says when history is lost, and can begin anew', async () => {
    const source = table(1);
    const first = await source.changes(context);
    const offset = await first.latest(await first.initial(), 'all');
    await append(source, [3, 'c']);
    await append(source, [4, 'd']);
    expect(await readChanges(first, offset, await first.latest(offset, 'all'))).toHaveLength(2);
    await first[Symbol.asyncDispose]();
    expect(await codeOf(() => first.initial())).toBe('invalid_state');
    await append(source, [5, 'e']);
    await using second = await source.changes(context);
    expect(await codeOf(() => second.latest(offset, 'all'))).toBe('not_found');
    const start = await second.initial();
    expect(await readChanges(second, start, await second.latest(start, 'all'))).toHaveLength(5);
    expect(await codeOf(() => second.latest({ version: '99' }, 'all'))).toBe('invalid_argument');
    expect(await codeOf(() => second.latest('nonsense', 'all'))).toBe('invalid_argument');
  });

  it('follows, and ends within a moment of an abort', async () => {
    const source = table();
    await using log = await source.changes(context);
    const abort = new AbortController();
    const seen: unknown[] = [];
    const following = (async () => {
      for await (const { batch, end } of log.follow!(await log.initial(), { signal: abort.signal }))
        seen.push([...rowsFromBatch(batch)].length, end);
    })();
    await expect.poll(() => seen).toHaveLength(2);
    await append(source, [3, 'c']);
    await expect.poll(() => seen).toHaveLength(4);
    abort.abort();
    expect(await codeOf(() => following)).toBe('cancelled');
    expect(seen).toEqual([2, { version: '1' }, 1, { version: '2' }]);
  });
});
