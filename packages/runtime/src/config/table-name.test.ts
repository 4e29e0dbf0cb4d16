import { describe, expect, it } from 'vitest';
import { parseTableName, toComparisonKey } from './table-name.ts';

describe('parseTableName', () => {
  it.each<[string, { schemaName?: string; table: string }]>([
    ['orders', { table: 'orders' }],
    ['Orders_2024$', { table: 'Orders_2024$' }],
    ['_x', { table: '_x' }],
    ['objednávky', { table: 'objednávky' }],
    ['sales.orders', { schemaName: 'sales', table: 'orders' }],
    ['main.orders', { table: 'orders' }],
    ['"MAIN".orders', { table: 'orders' }],
    ['"My Table"', { table: 'My Table' }],
    ['"a ""quoted"" one"', { table: 'a "quoted" one' }],
    ['"my.schema"."my.table"', { schemaName: 'my.schema', table: 'my.table' }],
    ['"order"', { table: 'order' }],
    ['sales."select"', { schemaName: 'sales', table: 'select' }],
    ['values', { table: 'values' }],
    ['pg_orders', { table: 'pg_orders' }],
  ])('reads %s', (text, expected) => {
    expect(parseTableName(text)).toEqual({ kind: 'name', name: { ...expected, text } });
  });

  it.each<[string, RegExp]>([
    ['my-table', /not a legal name/],
    ['my table', /not a legal name/],
    ['2024', /not a legal name/],
    [' orders', /not a legal name/],
    ['orders.', /not a legal name/],
    ['.orders', /not a legal name/],
    ['sales..orders', /not a legal name/],
    ['""', /not a legal name/],
    ['"open', /not a legal name/],
    ['"a"b', /not a legal name/],
    ['a;b', /not a legal name/],
    ['"a\nb"', /not a legal name/],
    ['a.b.c', /more than two parts, and a catalog/],
    ['order', /order is a reserved word/],
    ['SELECT', /SELECT is a reserved word/],
    ['left', /left is a reserved word/],
    ['table.x', /table is a reserved word/],
    ['information_schema.x', /the schema information_schema belongs to the engine/],
    ['PG_Catalog.x', /belongs to the engine/],
    ['"temp".x', /belongs to the engine/],
    ['memory.x', /belongs to the engine/],
    ['system.x', /belongs to the engine/],
    ['duckdb_tables', /the name duckdb_tables belongs to the engine/],
    ['sqlite_master', /belongs to the engine/],
    ['__millrace_x', /the runtime's own/],
    ['"__Millrace".x', /the runtime's own/],
  ])('refuses %s', (text, reason) => {
    const result = parseTableName(text);
    expect(result).toMatchObject({
      kind: 'refused',
      reason: expect.stringMatching(reason),
      hint: expect.stringMatching(/./),
    });
  });
});

describe('toComparisonKey', () => {
  const key = (text: string) => {
    const result = parseTableName(text);
    if (result.kind === 'refused') throw new Error(result.reason);
    return toComparisonKey(result.name);
  };
  it('is blind to case, to quotes and to the default schema, and to nothing else', () => {
    expect(key('main.Orders')).toBe(key('"orders"'));
    expect(key('a.b')).toBe(key('A."B"'));
    expect(key('"a.b"')).not.toBe(key('a.b'));
    expect(key('a_b')).not.toBe(key('a.b'));
  });
});
