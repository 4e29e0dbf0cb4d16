import { batchFromRows } from '@millrace/arrow';
import { type CreateTableCommand, changeSchema, dataTypes, field, type RecordBatch } from '@millrace/core';
import { expect, it } from 'vitest';
import { changedTable, checkedChanges, stagedChangeSchema } from './index.ts';

const COMMAND: CreateTableCommand = {
  name: { table: 'orders' },
  schema: { fields: [field('Id', dataTypes.int32()), field('note', dataTypes.utf8())] },
  mode: 'memory',
  definitionHash: 'h1',
  refreshMode: 'changes',
  primaryKey: ['id'],
};

it('finds the columns of a key whatever their case, and refuses a table without one', () => {
  expect(changedTable(COMMAND, 'engine')).toMatchObject({ component: 'dataset orders', connector: 'engine', key: [0] });
  const { primaryKey: _, ...keyless } = COMMAND;
  for (const command of [keyless, { ...COMMAND, primaryKey: [] }])
    expect(() => changedTable(command, 'engine')).toThrow(expect.objectContaining({ code: 'unsupported' }));
});

it('lets changes wait in columns of which no two have one name', () => {
  const fields = ['__millrace_change', '__MILLRACE_change_', '_change_type'].map((name) =>
    field(name, dataTypes.utf8()),
  );
  const names = stagedChangeSchema({ fields }).fields.map(({ name }) => name);
  expect(names.slice(0, 3)).toEqual(fields.map(({ name }) => name));
  expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(4);
});

it('gives a sink the changes that its table takes, and no other', async () => {
  const taken: RecordBatch[] = [];
  const sink = {
    async write(batch: RecordBatch) {
      taken.push(batch);
    },
    finish: async () => 7n,
    async discard() {},
  };
  const checked = checkedChanges(sink, changedTable(COMMAND, 'engine'));
  const [good, bad] = [[1, 'x', 'insert'] as const, [null, 'x', 'delete'] as const].map((row) =>
    batchFromRows(changeSchema(COMMAND.schema), [row]),
  );
  await checked.write(good!);
  await expect(checked.write(bad!)).rejects.toMatchObject({ code: 'integrity' });
  expect(taken).toEqual([good]);
  expect(await checked.finish()).toBe(7n);
});
