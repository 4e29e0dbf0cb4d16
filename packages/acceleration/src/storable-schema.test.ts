import { type CreateTableCommand, dataTypes, field, type Schema, TypeId } from '@millrace/core';
import { describe, expect, test } from 'vitest';
import { type StorageRules, storableSchema } from './storable-schema.ts';

const RULES: StorageRules = {
  connector: 'engine',
  engineName: 'Engine',
  maxColumns: 3,
  foldName: (name) => name.toLowerCase(),
  storageOf: ({ typeId }) => (typeId === TypeId.Null ? undefined : { isPacked: typeId === TypeId.List }),
};

const SCHEMA: Schema = {
  fields: [
    field('Id', dataTypes.int64()),
    field('list', dataTypes.list(dataTypes.int8())),
    field('n', dataTypes.int8()),
  ],
  metadata: new Map([['k', 'v']]),
};

function storable(command: Partial<CreateTableCommand>): Schema {
  const whole = {
    name: { table: 't' },
    schema: SCHEMA,
    mode: 'file',
    definitionHash: 'h',
    refreshMode: 'full',
  } as const;
  return storableSchema({ ...whole, ...command }, RULES);
}

describe('the schema of a table', () => {
  test('is that of the dataset, without nulls in its key', () => {
    expect(storable({})).toEqual(SCHEMA);
    const [id, ...rest] = SCHEMA.fields;
    const keyed = { ...SCHEMA, fields: [{ ...id!, nullable: false }, ...rest] };
    expect(storable({ primaryKey: ['id'], indexes: [{ columns: ['N'], unique: true }] })).toEqual(keyed);
  });

  test.each<readonly [string, string, Partial<CreateTableCommand>]>([
    ['no columns', 'unsupported', { schema: { fields: [] } }],
    [
      'too many',
      'unsupported',
      { schema: { fields: ['a', 'b', 'c', 'd'].map((name) => field(name, dataTypes.int8())) } },
    ],
    ['one name', 'unsupported', { schema: { fields: ['a', 'A'].map((name) => field(name, dataTypes.int8())) } }],
    ['one name twice', 'unsupported', { schema: { fields: ['a', 'a'].map((name) => field(name, dataTypes.int8())) } }],
    ['an unknown type', 'unsupported_type', { schema: { fields: [field('a', dataTypes.null())] } }],
    ['a key that is not there', 'invalid_config', { primaryKey: ['other'] }],
    ['a key of packed values', 'unsupported', { primaryKey: ['list'] }],
    ['an index of packed values', 'unsupported', { indexes: [{ columns: ['LIST'], unique: false }] }],
  ])('is refused for %s', (_, code, command) => {
    expect(() => storable(command)).toThrow(
      expect.objectContaining({ code, component: 'dataset t', connector: 'engine' }),
    );
  });
});
