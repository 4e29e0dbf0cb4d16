import { type DataType, dataTypes, type Field, field, type Json, type Schema, TimeUnit, TypeId } from '@millrace/core';
import { describe, expect, it } from 'vitest';
import { adoptSchema, describeType, schemaFromJson, schemasEqual, schemaToJson, typesEqual } from '../src/index.ts';
import { nestedSamples, nestedTypes, scalarTypes } from './type-arbitraries.ts';

const twoLevels = nestedSamples.flatMap((sample) => nestedTypes(sample)).filter((_, ordinal) => ordinal % 5 === 0);
const types = [...scalarTypes, ...nestedSamples, ...twoLevels].map(({ type }) => type);
const scalars = scalarTypes.map(({ type }) => type);

describe('schemaToJson and schemaFromJson', () => {
  it.each(types.map((type) => ({ name: describeType(type), type })))('keep $name', ({ type }) => {
    const schema = describedSchema(type);
    const json = JSON.parse(JSON.stringify(schemaToJson(schema))) as Json;
    expect(schemasEqual(schemaFromJson(json), schema)).toBe(true);
    // The same from the classes of apache-arrow.
    expect(schemasEqual(schemaFromJson(schemaToJson(adoptSchema(schema))), schema)).toBe(true);
  });

  it.each([
    null,
    [],
    {},
    { fields: 1 },
    { fields: [{ name: 'a', nullable: true }] },
    { fields: [{ name: 'a', type: { typeId: '2' }, nullable: true }] },
    { fields: [{ name: 'a', type: { typeId: 2, bitWidth: '8' }, nullable: true }] },
    { fields: [{ name: 'a', type: { typeId: 2 } }] },
    { fields: [], metadata: { a: 1 } },
    { fields: [], metadata: [['a']] },
  ] as const)('refuse %j', (json) => {
    expect(() => schemaFromJson(json as Json)).toThrow(expect.objectContaining({ code: 'invalid_data' }));
  });
});

describe('typesEqual', () => {
  it('tells all types apart and each from no other', () => {
    for (const [row, left] of types.entries()) {
      for (const [column, right] of types.entries()) {
        const isSame = describeType(left) === describeType(right);
        if (typesEqual(left, right) !== isSame)
          throw new Error(`${describeType(left)} (${row}) and ${describeType(right)} (${column})`);
      }
    }
  });

  it('takes absent members for their defaults', () => {
    expect(typesEqual({ typeId: TypeId.Int }, dataTypes.int32())).toBe(true);
    expect(typesEqual({ typeId: TypeId.Float }, dataTypes.float64())).toBe(true);
    expect(typesEqual({ typeId: TypeId.Time, unit: TimeUnit.Nanosecond }, dataTypes.time(TimeUnit.Nanosecond))).toBe(
      true,
    );
    expect(typesEqual({ typeId: TypeId.Timestamp, unit: 2 }, dataTypes.timestamp())).toBe(true);
    expect(typesEqual({ typeId: TypeId.Decimal, precision: 5, scale: 2 }, dataTypes.decimal(5, 2))).toBe(true);
  });

  it('compares zones, and the nullability, names and metadata of children', () => {
    const list = (item: Field): DataType => ({ typeId: TypeId.List, children: [item] });
    const item = field('item', dataTypes.int32());
    expect(typesEqual(dataTypes.timestamp(2, 'UTC'), dataTypes.timestamp(2, 'Europe/Berlin'))).toBe(false);
    expect(typesEqual(list(item), list({ ...item, nullable: false }))).toBe(false);
    expect(typesEqual(list(item), list({ ...item, name: 'element' }))).toBe(false);
    expect(typesEqual(list(item), list({ ...item, metadata: new Map([['a', 'b']]) }))).toBe(false);
    expect(typesEqual(list(item), list({ ...item, metadata: new Map() }))).toBe(true);
  });

  it('takes no notice of what the parts of a map are called', () => {
    const [entries] = dataTypes.map(dataTypes.utf8(), dataTypes.int32()).children ?? [];
    if (!entries) throw new TypeError('a map has entries');
    const [key, value] = entries.type.children ?? [];
    const renamed = dataTypes.struct([
      { ...(key as Field), name: 'keys' },
      { ...(value as Field), name: 'values' },
    ]);
    const map = { typeId: TypeId.Map, keysSorted: false, children: [{ ...entries, name: 'key_value', type: renamed }] };
    expect(typesEqual(map, dataTypes.map(dataTypes.utf8(), dataTypes.int32()))).toBe(true);
  });
});

describe('schemasEqual', () => {
  const schema = describedSchema(dataTypes.utf8());

  it.each([
    { what: 'the name', other: { ...schema, fields: schema.fields.map((column) => ({ ...column, name: 'other' })) } },
    {
      what: 'nullability',
      other: { ...schema, fields: schema.fields.map((column) => ({ ...column, nullable: true })) },
    },
    {
      what: 'field metadata',
      other: { ...schema, fields: schema.fields.map(({ name, type, nullable }) => ({ name, type, nullable })) },
    },
    { what: 'schema metadata', other: { fields: schema.fields } },
    { what: 'the number of columns', other: { ...schema, fields: [...schema.fields, ...schema.fields] } },
  ])('sees another $what', ({ other }) => {
    expect(schemasEqual(schema, other)).toBe(false);
    expect(schemasEqual(schema, { ...schema })).toBe(true);
  });
});

describe('describeType', () => {
  it('has a text of its own for every scalar type', () => {
    expect(new Set(scalars.map(describeType)).size).toBe(scalars.length);
  });

  it.each([
    [dataTypes.int64(), 'int64'],
    [dataTypes.decimal(10, 2), 'decimal(10,2)'],
    [dataTypes.decimal(39, 0), 'decimal256(39,0)'],
    [dataTypes.timestamp(2, 'UTC'), 'timestamp[us, UTC]'],
    [dataTypes.timestamp(3), 'timestamp[ns]'],
    [dataTypes.time(0), 'time32[s]'],
    [dataTypes.list(dataTypes.utf8()), 'list<utf8>'],
    [dataTypes.fixedSizeList(dataTypes.float32(), 3), 'fixed_size_list<float32, 3>'],
    [dataTypes.struct([field('city', dataTypes.utf8())]), 'struct<city: utf8>'],
    [dataTypes.map(dataTypes.utf8(), dataTypes.int32()), 'map<utf8, int32>'],
    [{ typeId: TypeId.Dictionary, indices: dataTypes.int8(), dictionary: dataTypes.utf8() }, 'dictionary<int8, utf8>'],
    [{ typeId: 22 }, 'type 22'],
  ])('%#: %s', (type: DataType, text) => {
    expect(describeType(type)).toBe(text);
  });
});

function describedSchema(type: DataType): Schema {
  return {
    fields: [{ name: 'a column', type, nullable: false, metadata: new Map([['ARROW:extension:name', 'arrow.json']]) }],
    metadata: new Map([
      ['b', '2'],
      ['a', '1'],
    ]),
  };
}
