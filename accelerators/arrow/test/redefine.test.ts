import { batchFromRows, rowArraysFromBatch } from '@millrace/arrow';
import { type AcceleratedTable, type CreateTableCommand, dataTypes, field, type Schema } from '@millrace/core';
import { describe, expect, it } from 'vitest';
import { CONTEXT, heldBatches, openTable, scan } from './open-table.ts';

const OLD: Schema = { fields: [field('id', dataTypes.int32()), field('price', dataTypes.int32())] };
const NEW: Schema = { fields: [field('price', dataTypes.utf8()), field('note', dataTypes.utf8())] };
const REDEFINED: CreateTableCommand = {
  name: { schemaName: 'sales', table: 'orders' },
  schema: NEW,
  mode: 'memory',
  definitionHash: 'h2',
  refreshMode: 'full',
  primaryKey: ['note'],
};

async function write(
  table: AcceleratedTable,
  rows: readonly (readonly unknown[])[],
  redefine?: CreateTableCommand,
): Promise<void> {
  const mode = { kind: 'overwrite' } as const;
  await using session = await table.beginRefresh({ mode, ...(redefine ? { redefine } : {}) }, CONTEXT);
  await using writer = await session.writer();
  await writer.write(batchFromRows((redefine ?? { schema: OLD }).schema, rows));
  await writer.finish();
  await session.commit({ refreshedAtMs: 1, bootstrapComplete: true });
}

describe('a table that is redefined by a refresh', () => {
  it('has the old columns until the commit and the new ones, with their rules, afterwards', async () => {
    const { table } = await openTable(OLD);
    await write(table, [[1, 5]]);
    const plan = await table.scan({ projection: [1], filters: [] }, CONTEXT);
    const duplicates = [
      ['a', 'x'],
      ['b', 'x'],
    ];
    await expect(write(table, duplicates, REDEFINED)).rejects.toMatchObject({ code: 'integrity' });
    expect(table.schema).toEqual(OLD);
    expect(table.checkpoint).toMatchObject({ definitionHash: 'h1' });
    await write(table, [['a', 'x']], REDEFINED);
    expect(table.schema).toEqual(NEW);
    expect(table.constraints).toEqual([{ kind: 'primary_key', columns: ['note'], enforced: true }]);
    expect(table.checkpoint).toMatchObject({ definitionHash: 'h2', schema: NEW });
    expect((await heldBatches(table)).flatMap((batch) => [...rowArraysFromBatch(batch)])).toEqual([['a', 'x']]);
    expect((await scan(table)).flatMap((batch) => [...rowArraysFromBatch(batch)])).toEqual([['a', 'x']]);
    const planned: unknown[] = [];
    for await (const batch of plan.execute(plan.partitions[0]!, CONTEXT)) planned.push(...rowArraysFromBatch(batch));
    expect(planned).toEqual([[5]]);
  });

  it('cannot keep rows', async () => {
    const { table } = await openTable(OLD);
    const request = { mode: { kind: 'overwrite_where', filters: [] }, redefine: REDEFINED } as const;
    await expect(table.beginRefresh(request, CONTEXT)).rejects.toMatchObject({ code: 'unsupported' });
  });
});
