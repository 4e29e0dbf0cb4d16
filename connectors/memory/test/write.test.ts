import { batchFromRows } from '@millrace/arrow';
import { dataTypes, field, type Json, type RecordBatch, type Schema, type WriteMode } from '@millrace/core';
import { describe, expect, it } from 'vitest';
import { createMemoryTable, type MemoryTable, type MemoryTableOptions } from '../src/index.ts';
import { codeOf, column, condition, context, literal, planOf, readAll, readPlan, write } from './read-all.ts';

const schema: Schema = { fields: [field('id', dataTypes.int32()), field('region', dataTypes.utf8())] };
const rows = [
  [1, 'north'],
  [2, 'south'],
  [3, null],
];

function table(options: Partial<MemoryTableOptions> = {}): MemoryTable {
  return createMemoryTable({ name: 'orders', schema, rows, ...options });
}
function batch(...values: readonly (readonly unknown[])[]): RecordBatch {
  return batchFromRows(schema, values);
}
async function ids(source: MemoryTable): Promise<unknown[]> {
  return (await readAll(source)).map((row) => row.id).sort((left, right) => Number(left) - Number(right));
}
const append: WriteMode = { kind: 'append' };

describe('two-phase writes', () => {
  it('show rows only after the commit, and all at once', async () => {
    const source = table({ partitionCount: 2 });
    const before = await planOf(source);
    const session = await source.insertInto({ schema, mode: append, writerCount: 2 }, context);
    const messages: Json[] = [];
    for (const partition of [0, 1]) {
      const writer = await session.writer({ partition, attempt: 0 });
      await writer.write(batch([10 + partition, 'x']));
      messages.push(JSON.parse(JSON.stringify(await writer.finish())));
    }
    expect(await ids(source)).toEqual([1, 2, 3]);
    expect(await session.commit(messages)).toMatchObject({ rowCount: 2n, version: '2' });
    expect(await ids(source)).toEqual([1, 2, 3, 10, 11]);
    expect(await readPlan(before)).toHaveLength(3);
    expect(await codeOf(() => session.commit(messages))).toBe('invalid_state');
    await session.abort();
    expect(await ids(source)).toHaveLength(5);
  });

  it('leave nothing behind when aborted, disposed or retried', async () => {
    const source = table();
    {
      await using session = await source.insertInto({ schema, mode: append, writerCount: 1 }, context);
      const failed = await session.writer({ partition: 0, attempt: 0 });
      await failed.write(batch([4, 'lost']));
      await failed[Symbol.asyncDispose]();
      expect(await codeOf(() => failed.finish())).toBe('invalid_state');
    }
    expect(await ids(source)).toEqual([1, 2, 3]);
    const session = await source.insertInto({ schema, mode: append, writerCount: 1 }, context);
    const attempts: Json[] = [];
    for (const attempt of [0, 1]) {
      const writer = await session.writer({ partition: 0, attempt });
      await writer.write(batch([5, 'once']));
      attempts.push(await writer.finish());
    }
    expect(await codeOf(() => session.commit(attempts))).toBe('invalid_argument');
    expect(await codeOf(() => session.commit([{ writer: 'foreign' }]))).toBe('invalid_argument');
    await session.commit([attempts[1]!]);
    expect(await ids(source)).toEqual([1, 2, 3, 5]);
  });

  it('match columns by name and fill in defaults and nulls', async () => {
    const source = table({ defaults: { region: literal('nowhere', dataTypes.utf8()) } });
    const reversed: Schema = { fields: [schema.fields[1]!, schema.fields[0]!] };
    await write(source, { mode: append }, [batchFromRows(reversed, [['west', 4]])]);
    await write(source, { mode: append }, [batchFromRows({ fields: [schema.fields[0]!] }, [[5]])]);
    expect((await readAll(source)).slice(3)).toEqual([
      { id: 4, region: 'west' },
      { id: 5, region: 'nowhere' },
    ]);
  });

  it('refuse columns that do not fit before any row is taken', async () => {
    const source = createMemoryTable({
      schema: { fields: [{ ...schema.fields[0]!, nullable: false }, schema.fields[1]!] },
      rows: [],
    });
    const open = (given: Schema) =>
      codeOf(() => source.insertInto({ schema: given, mode: append, writerCount: 1 }, context));
    expect(await open({ fields: [...schema.fields, field('extra', dataTypes.int32())] })).toBe('schema_mismatch');
    expect(await open({ fields: [field('id', dataTypes.int64())] })).toBe('schema_mismatch');
    expect(await open({ fields: [schema.fields[1]!] })).toBe('integrity');
    expect(await codeOf(() => write(source, { mode: append }, [batch([null, 'x'])]))).toBe('integrity');
    expect(source.rowCount).toBe(0);
  });

  it('keep every one of concurrent appends', async () => {
    const source = table();
    await Promise.all(
      Array.from({ length: 8 }, (_, index) => write(source, { mode: append }, [batch([100 + index, 'c'])])),
    );
    expect(await ids(source)).toHaveLength(11);
  });

  it('commit an epoch once', async () => {
    const source = table();
    const epoch = { stream: 's', id: 4n };
    expect(await write(source, { mode: append, epoch }, [batch([4, 'x'])])).toMatchObject({ rowCount: 1n });
    expect(await write(source, { mode: append, epoch }, [batch([4, 'x'])])).toMatchObject({
      rowCount: 0n,
      duplicateEpoch: true,
    });
    await write(source, { mode: append, epoch: { stream: 'other', id: 4n } }, [batch([5, 'x'])]);
    expect(await ids(source)).toEqual([1, 2, 3, 4, 5]);
  });
});

describe('modes', () => {
  it('overwrite and overwrite_where replace exactly what they name', async () => {
    const source = table();
    const north = condition('eq', column('region', dataTypes.utf8()), literal('north', dataTypes.utf8()));
    await write(source, { mode: { kind: 'overwrite_where', filters: [condition('not', north)] } }, [
      batch([20, 'east']),
    ]);
    expect(await ids(source)).toEqual([1, 3, 20]);
    await write(source, { mode: { kind: 'overwrite' } }, [batch([9, 'only'])]);
    expect(await ids(source)).toEqual([9]);
    const random = condition(
      'lt',
      { kind: 'call', function: 'random', args: [], type: dataTypes.float64() },
      literal(1, dataTypes.float64()),
    );
    expect(await codeOf(() => write(source, { mode: { kind: 'overwrite_where', filters: [random] } }, []))).toBe(
      'unsupported',
    );
  });

  it('overwrite_partitions touches the partitions that got rows', async () => {
    const source = table({ partitionBy: ['region'], partitionCount: 3 });
    await write(source, { mode: { kind: 'overwrite_partitions' } }, [batch([7, 'north'], [8, null])]);
    expect(await ids(source)).toEqual([2, 7, 8]);
    expect(await codeOf(() => write(table(), { mode: { kind: 'overwrite_partitions' } }, []))).toBe('unsupported');
  });

  it('upsert updates, ignores or refuses, within and across batches', async () => {
    const mode = (onConflict: 'update' | 'ignore' | 'error'): WriteMode => ({
      kind: 'upsert',
      key: ['id'],
      onConflict,
    });
    const batches = [batch([2, 'a'], [4, 'b']), batch([4, 'c'], [null, 'n'])];
    const updated = table();
    const before = await readAll(updated, { metadataColumns: ['_row_id'] });
    await write(updated, { mode: mode('update') }, batches);
    const after = await readAll(updated, { metadataColumns: ['_row_id'] });
    expect(after.find((row) => row.id === 2)).toEqual({
      id: 2,
      region: 'a',
      _row_id: before.find((row) => row.id === 2)!._row_id,
    });
    expect(after.filter((row) => row.id === 4).map((row) => row.region)).toEqual(['c']);
    expect(after).toHaveLength(5);
    const ignored = table();
    await write(ignored, { mode: mode('ignore') }, batches);
    expect((await readAll(ignored)).map((row) => row.region).sort()).toEqual(['b', 'n', 'north', null, 'south'].sort());
    const refused = table();
    expect(await codeOf(() => write(refused, { mode: mode('error') }, batches))).toBe('integrity');
    expect(await ids(refused)).toEqual([1, 2, 3]);
    expect(
      await codeOf(() => write(refused, { mode: { kind: 'upsert', key: ['nope'], onConflict: 'update' } }, [])),
    ).toBe('invalid_argument');
  });

  it('hold enforced constraints, and change nothing when they fail', async () => {
    const check = condition('gt', column('id', dataTypes.int32()), literal(0, dataTypes.int32()));
    const source = table({ primaryKey: ['id'], constraints: [{ kind: 'check', expr: check, enforced: true }] });
    for (const wrong of [batch([1, 'again']), batch([8, 'a'], [8, 'b']), batch([null, 'x']), batch([-1, 'x'])])
      expect(await codeOf(() => write(source, { mode: append }, [wrong]))).toBe('integrity');
    expect(source.version).toBe('1');
    await write(source, { mode: { kind: 'upsert', key: ['id'], onConflict: 'update' } }, [batch([1, 'again'])]);
    expect(await ids(source)).toEqual([1, 2, 3]);
    expect(
      await codeOf(() =>
        table({
          rows: [
            [1, 'a'],
            [1, 'b'],
          ],
          primaryKey: ['id'],
        }),
      ),
    ).toBe('integrity');
  });
});

describe('mutations', () => {
  const id = column('id', dataTypes.int32());
  it('delete the rows that make every filter TRUE', async () => {
    const source = table();
    const isNorth = condition('eq', column('region', dataTypes.utf8()), literal('north', dataTypes.utf8()));
    const plan = await source.mutate({ kind: 'delete', filters: [isNorth] }, context);
    expect(await ids(source)).toEqual([1, 2, 3]);
    expect(await plan!.run(context)).toEqual({ rowCount: 1n });
    expect(await ids(source)).toEqual([2, 3]);
  });

  it('update with values of the row as it was', async () => {
    const source = createMemoryTable({
      schema: { fields: [field('a', dataTypes.int32()), field('b', dataTypes.int32())] },
      rows: [
        [1, 2],
        [3, null],
      ],
    });
    const plan = await source.mutate(
      { kind: 'update', filters: [], set: { a: column('b', dataTypes.int32()), b: column('a', dataTypes.int32()) } },
      context,
    );
    expect(await plan!.run(context)).toEqual({ rowCount: 2n });
    expect(await readAll(source)).toEqual([
      { a: 2, b: 1 },
      { a: null, b: 3 },
    ]);
  });

  it('move rows between partitions when their key is updated', async () => {
    const source = table({ partitionBy: ['region'], partitionCount: 2 });
    const plan = await source.mutate(
      { kind: 'update', filters: [], set: { region: literal('all', dataTypes.utf8()) } },
      context,
    );
    await plan!.run(context);
    const keys = [];
    for await (const key of source.partitionAdmin!.list({}, context)) keys.push(key);
    expect(keys).toEqual([{ region: 'all' }]);
    expect(await source.partitionAdmin!.drop([{ region: 'north' }], context)).toBe(0);
    expect(await source.partitionAdmin!.drop([{}], context)).toBe(0);
    expect(await source.partitionAdmin!.drop([{ region: 'all' }], context)).toBe(1);
    expect(source.rowCount).toBe(0);
  });

  it('decline what is not exact, and roll back what fails', async () => {
    const source = createMemoryTable({
      schema: { fields: [{ ...field('id', dataTypes.int8()), nullable: false }] },
      rows: [[1], [127]],
    });
    const small = column('id', dataTypes.int8());
    expect(
      await source.mutate({ kind: 'update', filters: [], set: { id: literal(1n, dataTypes.int64()) } }, context),
    ).toBeUndefined();
    const plusOne = {
      kind: 'call',
      function: 'add',
      args: [small, literal(1, dataTypes.int8())],
      type: dataTypes.int8(),
    } as const;
    const overflow = await source.mutate({ kind: 'update', filters: [], set: { id: plusOne } }, context);
    expect(await codeOf(() => overflow!.run(context))).toBe('invalid_data');
    const nulls = await source.mutate(
      { kind: 'update', filters: [], set: { id: literal(null, dataTypes.int8()) } },
      context,
    );
    expect(await codeOf(() => nulls!.run(context))).toBe('integrity');
    expect(await readAll(source)).toEqual([{ id: 1 }, { id: 127 }]);
    expect(source.version).toBe('1');
  });

  it('truncate', async () => {
    const source = table();
    const plan = await source.mutate({ kind: 'truncate' }, context);
    expect(await plan!.run(context)).toEqual({ rowCount: 3n });
    expect(await readAll(source, { filters: [condition('is_not_null', id)] })).toEqual([]);
  });
});
