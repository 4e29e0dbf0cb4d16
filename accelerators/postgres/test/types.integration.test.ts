import { batchFromRows } from '@millrace/arrow';
import { type ColumnData, type DataType, dataTypes, field, type RecordBatch, type Schema } from '@millrace/core';
import { missingPostgres, type PostgresDatabase, serviceTitle, sharedPostgres } from '@millrace/services';
import { literalsOf, testKeptTypes } from '@millrace/test-fixtures';
import * as runner from 'vitest';
import { accelerate, type Given, reach, refresh, scanAll } from './accelerate.ts';

const { afterAll, beforeAll, describe, expect, it } = runner;

const missing = missingPostgres();
describe.skipIf(missing !== undefined)(serviceTitle('types', missing), () => {
  let database: PostgresDatabase;
  let given: Given;
  beforeAll(async () => {
    database = await (await sharedPostgres()).createDatabase();
    given = reach(database);
  });
  afterAll(async () => {
    await database?.drop();
  });

  testKeptTypes({
    runner,
    open: (schema, table) => accelerate({ given, schema, name: { table } }),
    // No text of the server holds the character NUL.
    unkept: ['x\0y'],
  });

  it('names that no column of the server can have are kept, filtered and indexed by', async () => {
    const names = ['x'.repeat(64), 'ctid', '', 'with \0 in it', '__millrace_c0', 'quote"d'];
    const schema: Schema = { fields: names.map((name) => field(name, dataTypes.int32())) };
    const indexes = names.map((name) => ({ columns: [name], unique: false }));
    const { accelerator, table } = await accelerate({ given, schema, name: { table: 'named' }, command: { indexes } });
    await refresh(table, [batchFromRows(schema, [[0, 1, 2, 3, 4, 5]])]);
    expect(literalsOf(await scanAll(table))).toEqual([[0, 1, 2, 3, 4, 5]]);
    await accelerator.shutdown();
  });

  it('dates and timestamps beyond the server’s fail the refresh, infinite ones do not', async () => {
    const schema: Schema = { fields: [field('d', dataTypes.date()), field('t', dataTypes.timestamp())] };
    const { accelerator, table } = await accelerate({ given, schema, name: { table: 'early' } });
    const column = (type: DataType, values: Int32Array | BigInt64Array): ColumnData => {
      return { type, length: values.length, offset: 0, nullCount: 0, values, children: [] };
    };
    const batch = (days: number[], micros: bigint[]): RecordBatch => {
      const columns = [
        column(dataTypes.date(), Int32Array.from(days)),
        column(dataTypes.timestamp(), BigInt64Array.from(micros)),
      ];
      return { schema, numRows: days.length, data: { children: columns } };
    };
    const [most, first] = [2n ** 63n - 1n, -210_866_803_200_000_000n];
    const kept = batch([2 ** 31 - 1, -(2 ** 31) + 1, -2_440_588, 0], [most, -most, first, -1n]);
    await refresh(table, [kept]);
    expect(literalsOf(await scanAll(table))).toEqual(literalsOf([kept]));
    for (const [days, micros] of [
      [-2_440_589, 0n],
      [-(2 ** 31), 0n],
      [0, first - 1n],
      [0, -(2n ** 63n)],
      [0, -(2n ** 62n)],
    ] as const) {
      await expect(refresh(table, [batch([days], [micros])])).rejects.toMatchObject({ code: 'invalid_data' });
      expect(literalsOf(await scanAll(table))).toEqual(literalsOf([kept]));
    }
    await accelerator.shutdown();
  });

  it('what cannot be kept is refused when the table is opened', async () => {
    const open = (schema: Schema, command = {}) => accelerate({ given, schema, command });
    await expect(open({ fields: [field('x', { typeId: 99 })] })).rejects.toMatchObject({ code: 'unsupported_type' });
    const nested = { fields: [field('x', dataTypes.list({ typeId: 99 }))] };
    await expect(open(nested)).rejects.toMatchObject({ code: 'unsupported_type' });
    const twins = { fields: [field('x', dataTypes.int8()), field('x', dataTypes.int8())] };
    await expect(open(twins)).rejects.toMatchObject({ code: 'unsupported' });
    const plain = { fields: [field('x', dataTypes.int8())] };
    await expect(open(plain, { primaryKey: ['y'] })).rejects.toMatchObject({ code: 'invalid_config' });
  });

  it('a text with the character NUL fails the refresh, and the old rows stay', async () => {
    const schema: Schema = { fields: [field('t', dataTypes.utf8())] };
    const { accelerator, table } = await accelerate({ given, schema, name: { table: 'nul' } });
    await refresh(table, [batchFromRows(schema, [['kept']])]);
    const run = () => refresh(table, [batchFromRows(schema, [['x\0y']])]);
    await expect(run()).rejects.toMatchObject({ code: 'invalid_data' });
    expect(literalsOf(await scanAll(table))).toEqual([['kept']]);
    await accelerator.shutdown();
  });
});
