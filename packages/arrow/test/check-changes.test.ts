import { changeSchema, dataTypes, field, isMillraceError, type Schema } from '@millrace/core';
import { describe, expect, it } from 'vitest';
import { batchFromRows, checkChanges, createEffectReader } from '../src/index.ts';

const SCHEMA: Schema = {
  fields: [
    { name: 'id', type: dataTypes.int32(), nullable: false },
    { name: 'name', type: dataTypes.utf8(), nullable: false },
    field('note', dataTypes.utf8()),
  ],
};
const TAKER = { component: 'dataset orders', connector: 'test' };
const TABLE = { ...TAKER, schema: SCHEMA, key: [0] };

type Rows = readonly (readonly unknown[])[];

function changes(rows: Rows, schema = changeSchema(SCHEMA)): ReturnType<typeof batchFromRows> {
  return batchFromRows(schema, rows);
}

function refusal(rows: Rows, table = TABLE): string {
  try {
    checkChanges(changes(rows), table);
    return 'none';
  } catch (error) {
    if (!isMillraceError(error)) throw error;
    expect(error.message).not.toContain('secret');
    return error.code;
  }
}

describe('change rows', () => {
  it('have the columns of their table, all of them nullable, and their kind behind them', () => {
    const { fields } = changeSchema(SCHEMA);
    expect(fields.map(({ name, nullable }) => [name, nullable])).toEqual([
      ['id', true],
      ['name', true],
      ['note', true],
      ['_change_type', false],
    ]);
  });

  it('say what is true after them', () => {
    const kinds = ['insert', 'update_preimage', 'update_postimage', 'delete', 'truncate'];
    const effectOf = createEffectReader(changes(kinds.map((kind) => [1, 'a', null, kind])), TAKER);
    expect(kinds.map((_, row) => effectOf(row))).toEqual(['there', 'gone', 'there', 'gone', 'all_gone']);
  });

  it('need a whole key, and what their table needs where the row is there', () => {
    expect(
      refusal([
        [1, 'a', null, 'insert'],
        [1, null, null, 'delete'],
        [2, null, null, 'update_preimage'],
        [3, 'b', 'x', 'update_postimage'],
        [null, null, null, 'truncate'],
      ]),
    ).toBe('none');
    expect(refusal([[null, 'a', null, 'delete']])).toBe('integrity');
    expect(refusal([[null, 'secret', null, 'insert']])).toBe('integrity');
    expect(refusal([[1, null, 'secret', 'insert']])).toBe('invalid_data');
    expect(refusal([[1, 'a', null, 'delete']], { ...TABLE, key: [0, 2] })).toBe('integrity');
  });

  it('are of a kind that is known, and of the columns of their table', () => {
    expect(refusal([[1, 'a', null, 'secret']])).toBe('invalid_data');
    const batch = changes([[1, 'a', null]], SCHEMA);
    expect(() => checkChanges(batch, TABLE)).toThrow(expect.objectContaining({ code: 'schema_mismatch' }));
  });
});
