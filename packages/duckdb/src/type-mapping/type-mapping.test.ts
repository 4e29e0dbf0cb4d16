import { DuckDBInstance } from '@duckdb/node-api';
import { type DataType, dataTypes, type Field, field, isMillraceError, TypeId, UnionMode } from '@millrace/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXTENSION, extensionMetadata, extensionName } from './extension.ts';
import { fromDuckDbType } from './from-duckdb-type.ts';
import { toDuckDbType } from './to-duckdb-type.ts';
import { toLogicalType } from './to-logical-type.ts';

/** SQL types as DuckDB prints them; each must come back from Arrow as the very same type. */
const ROUND_TRIPS = [
  'BOOLEAN',
  'TINYINT',
  'SMALLINT',
  'INTEGER',
  'BIGINT',
  'UTINYINT',
  'USMALLINT',
  'UINTEGER',
  'UBIGINT',
  'HUGEINT',
  'UHUGEINT',
  'FLOAT',
  'DOUBLE',
  'DECIMAL(4,0)',
  'DECIMAL(9,3)',
  'DECIMAL(18,18)',
  'DECIMAL(38,10)',
  'VARCHAR',
  'JSON',
  'BLOB',
  'BIT',
  'BIGNUM',
  'UUID',
  'DATE',
  'TIME',
  'TIME_NS',
  'TIME WITH TIME ZONE',
  'TIMESTAMP',
  'TIMESTAMP_S',
  'TIMESTAMP_MS',
  'TIMESTAMP_NS',
  'TIMESTAMP WITH TIME ZONE',
  'INTERVAL',
  'GEOMETRY',
  "GEOMETRY('OGC:CRS84')",
  "ENUM('b', 'a', 'it''s')",
  'INTEGER[]',
  'UUID[][]',
  'VARCHAR[3]',
  'INTEGER[2][3]',
  'STRUCT(a INTEGER, "B c" STRUCT(d JSON[]))',
  'MAP(VARCHAR, DECIMAL(10,2))',
  'MAP(INTEGER, STRUCT(x HUGEINT))',
  'UNION(num INTEGER, str VARCHAR, u UUID)',
];

describe('type mapping', () => {
  let instance: DuckDBInstance;
  beforeAll(async () => {
    instance = await DuckDBInstance.create(':memory:');
  });
  afterAll(() => instance.closeSync());

  async function typeOf(sqlType: string) {
    const connection = await instance.connect();
    try {
      const result = await connection.run(`SELECT CAST(NULL AS ${sqlType}) AS c`);
      return result.columnType(0);
    } finally {
      connection.closeSync();
    }
  }

  it.each(ROUND_TRIPS)('%s → Arrow → the same type', async (sqlType) => {
    const type = await typeOf(sqlType);
    const arrow = fromDuckDbType('c', type);
    expect(arrow.nullable).toBe(true);
    expect(toLogicalType(arrow)).toEqual(type);
    expect(await typeOf(toDuckDbType(arrow))).toEqual(type);
  });

  it.each([255, 256, 65_535, 65_536])('an enum of %i members keeps its index width', async (memberCount) => {
    const members = Array.from({ length: memberCount }, (_, index) => `m${index}`);
    const type = await typeOf(`ENUM(${members.map((member) => `'${member}'`).join(',')})`);
    const arrow = fromDuckDbType('c', type);
    expect(arrow.type.indices?.bitWidth).toBe(memberCount <= 255 ? 8 : memberCount <= 65_535 ? 16 : 32);
    expect(toLogicalType(arrow)).toEqual(type);
  });

  it('names what Arrow lacks on the field, also below a nested type', async () => {
    const list = fromDuckDbType('c', await typeOf('UUID[]'));
    expect(list.metadata).toBeUndefined();
    expect(extensionName(list.type.children?.[0] as Field)).toBe(EXTENSION.uuid);
  });

  const arrowOnly: readonly (readonly [string, DataType, string])[] = [
    ['large utf8', dataTypes.largeUtf8(), 'VARCHAR'],
    ['large binary', dataTypes.largeBinary(), 'BLOB'],
    ['fixed-size binary', dataTypes.fixedSizeBinary(7), 'BLOB'],
    ['half float', { typeId: TypeId.Float, precision: 0 }, 'FLOAT'],
    ['date in milliseconds', { typeId: TypeId.Date, unit: 1 }, 'DATE'],
    ['time in seconds', dataTypes.time(0), 'TIME'],
    ['instant in ns', dataTypes.timestamp(3, 'Europe/Prague'), 'TIMESTAMP WITH TIME ZONE'],
    ['duration', dataTypes.duration(0), 'INTERVAL'],
    ['large list', { typeId: TypeId.LargeList, children: [field('item', dataTypes.int8())] }, 'TINYINT[]'],
    [
      'dense union',
      { typeId: TypeId.Union, mode: UnionMode.Dense, children: [field('a', dataTypes.int8())] },
      'UNION("a" TINYINT)',
    ],
    ['dictionary', { typeId: TypeId.Dictionary, indices: dataTypes.int32(), dictionary: dataTypes.date() }, 'DATE'],
    ['null', dataTypes.null(), '"NULL"'],
  ];
  it.each(arrowOnly)('%s has a DuckDB type', async (_, type, expected) => {
    expect(toDuckDbType(field('c', type))).toBe(expected);
    const connection = await instance.connect();
    await connection.run(`CREATE OR REPLACE TABLE t (c ${expected})`);
    connection.closeSync();
  });

  it('ignores an extension name over a storage that it does not belong to', () => {
    expect(toDuckDbType({ ...field('c', dataTypes.int32()), metadata: extensionMetadata(EXTENSION.uuid) })).toBe(
      'INTEGER',
    );
    expect(toDuckDbType({ ...field('c', dataTypes.utf8()), metadata: extensionMetadata('acme.colour') })).toBe(
      'VARCHAR',
    );
  });

  const refused: readonly (readonly [string, DataType])[] = [
    ['39 digits', dataTypes.decimal(39, 0)],
    ['negative scale', dataTypes.decimal(5, -2)],
    ['scale beyond precision', dataTypes.decimal(2, 3)],
    ['empty struct', dataTypes.struct([])],
    ['names that differ by case', dataTypes.struct([field('a', dataTypes.int8()), field('A', dataTypes.int8())])],
    ['fixed-size list of none', dataTypes.fixedSizeList(dataTypes.int8(), 0)],
    ['unknown type id', { typeId: 99 }],
  ];
  it.each(refused)('refuses %s with a code', (_, type) => {
    expect(() => toDuckDbType(field('c', type))).toThrow(
      expect.objectContaining({ code: 'unsupported_type', message: expect.stringContaining('"c"') }),
    );
  });

  it('refuses VARIANT and says what to do', async () => {
    const variant = await typeOf('VARIANT');
    const error = (() => {
      try {
        return fromDuckDbType('v', variant);
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(isMillraceError(error) && error.code).toBe('unsupported_type');
    expect(String(error)).toContain('Cast it');
  });
});
