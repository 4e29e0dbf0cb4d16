import { batchFromRows } from '@millrace/arrow';
import { dataTypes, field, type Schema, type TableChange, type TableReference } from '@millrace/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { createMemoryCatalog } from '../src/catalog.ts';
import { memoryDatabase } from '../src/index.ts';
import { codeOf, condition, context, literal, planOf, readAll, readPlan, write } from './read-all.ts';

const schema: Schema = { fields: [field('id', dataTypes.int32()), field('name', dataTypes.utf8())] };
const orders: TableReference = { namespace: ['shop', 'eu'], name: 'orders' };
const database = memoryDatabase('catalog-test');
const catalog = createMemoryCatalog(database);

beforeEach(() => {
  database.clear();
  database.put(orders, {
    schema,
    rows: [
      [1, 'a'],
      [2, null],
    ],
  });
});
async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}
async function alter(...changes: readonly TableChange[]): Promise<Record<string, unknown>[]> {
  return readAll(await catalog.alter!(orders, changes, context));
}

describe('catalog', () => {
  it('lists namespaces level by level and tables of one namespace', async () => {
    database.put('top', { schema });
    database.put('shop.us.orders', { schema });
    expect(await collect(catalog.namespaces([], context))).toEqual([['shop']]);
    expect(await collect(catalog.namespaces(['shop'], context))).toEqual([
      ['shop', 'eu'],
      ['shop', 'us'],
    ]);
    expect(await collect(catalog.namespaces(['shop', 'eu'], context))).toEqual([]);
    expect(await collect(catalog.tables([], context))).toEqual([
      { reference: { namespace: [], name: 'top' }, tableType: 'base' },
    ]);
    expect(await collect(catalog.tables(['shop'], context))).toEqual([]);
    expect(await catalog.table({ namespace: [], name: 'TOP' }, context)).toBeUndefined();
  });

  it('creates, refuses duplicates, renames, drops', async () => {
    const reference = { namespace: [], name: 'new' };
    const created = await catalog.create!(
      { reference, schema, defaults: { name: literal('?', dataTypes.utf8()) } },
      context,
    );
    await write(created, { mode: { kind: 'append' } }, [batchFromRows({ fields: [schema.fields[0]!] }, [[5]])]);
    expect(await codeOf(() => catalog.create!({ reference, schema }, context))).toBe('already_exists');
    expect(await codeOf(() => catalog.rename!(reference, orders, context))).toBe('already_exists');
    await catalog.rename!(reference, { namespace: ['x'], name: 'newer' }, context);
    expect(await readAll((await catalog.table({ namespace: ['x'], name: 'newer' }, context))!)).toEqual([
      { id: 5, name: '?' },
    ]);
    expect(await catalog.drop!({ namespace: ['x'], name: 'newer' }, context)).toBe(true);
    expect(await catalog.drop!({ namespace: ['x'], name: 'newer' }, context)).toBe(false);
    expect(await codeOf(() => planOf(created))).toBe('not_found');
    expect(await codeOf(() => catalog.rename!(reference, { namespace: [], name: 'y' }, context))).toBe('not_found');
  });

  it('stages: unseen until the commit, the old table until then, a conflict when somebody was faster', async () => {
    const staged = await catalog.stage!({ reference: orders, schema }, 'replace', context);
    await write(staged.table, { mode: { kind: 'append' } }, [batchFromRows(schema, [[9, 'new']])]);
    expect(await readAll((await catalog.table(orders, context))!)).toHaveLength(2);
    await staged.commit();
    expect(await readAll((await catalog.table(orders, context))!)).toEqual([{ id: 9, name: 'new' }]);
    expect(await codeOf(() => staged.commit())).toBe('invalid_state');

    const reference = { namespace: [], name: 'fresh' };
    expect(await codeOf(() => catalog.stage!({ reference, schema }, 'replace', context))).toBe('not_found');
    const slow = await catalog.stage!({ reference, schema }, 'create', context);
    await catalog.create!({ reference, schema }, context);
    expect(await codeOf(() => slow.commit())).toBe('conflict');
    const dropped = await catalog.stage!({ reference, schema }, 'create_or_replace', context);
    await dropped[Symbol.asyncDispose]();
    expect(await codeOf(() => dropped.commit())).toBe('invalid_state');
  });

  it('reads an older version with the columns that it had', async () => {
    await alter({ kind: 'rename_column', path: ['name'], to: 'label' });
    const old = await catalog.table(orders, context, { version: '1' });
    expect(await readAll(old!)).toEqual([
      { id: 1, name: 'a' },
      { id: 2, name: null },
    ]);
    expect(old!.insertInto).toBeUndefined();
    expect(await codeOf(() => catalog.table(orders, context, { version: '77' }))).toBe('not_found');
  });
});

describe('alter', () => {
  it('adds columns with defaults, in their place', async () => {
    expect(
      await alter(
        {
          kind: 'add_column',
          path: ['first'],
          type: dataTypes.utf8(),
          nullable: true,
          position: 'first',
          comment: 'why',
        },
        {
          kind: 'add_column',
          path: ['tax'],
          type: dataTypes.decimal(5, 2),
          nullable: false,
          default: literal(125n, dataTypes.decimal(5, 2)),
          position: { after: 'id' },
        },
      ),
    ).toEqual([
      { first: null, id: 1, tax: '1.25', name: 'a' },
      { first: null, id: 2, tax: '1.25', name: null },
    ]);
    const altered = (await catalog.table(orders, context))!;
    expect(altered.schema.fields[0]!.metadata?.get('comment')).toBe('why');
    await write(altered, { mode: { kind: 'append' } }, [batchFromRows({ fields: [schema.fields[0]!] }, [[3]])]);
    expect((await readAll(altered))[2]).toEqual({ first: null, id: 3, tax: '1.25', name: null });
  });

  it('drops, renames, moves, retypes', async () => {
    expect(
      await alter(
        { kind: 'set_type', path: ['id'], type: dataTypes.int64() },
        { kind: 'rename_column', path: ['name'], to: 'label' },
        { kind: 'move_column', path: ['label'], position: 'first' },
      ),
    ).toEqual([
      { label: 'a', id: 1n },
      { label: null, id: 2n },
    ]);
    expect(
      await alter(
        { kind: 'drop_column', path: ['label'], ifExists: false },
        { kind: 'drop_column', path: ['nope'], ifExists: true },
      ),
    ).toEqual([{ id: 1n }, { id: 2n }]);
    expect(await alter({ kind: 'add_column', path: ['label'], type: dataTypes.utf8(), nullable: true })).toEqual([
      { id: 1n, label: null },
      { id: 2n, label: null },
    ]);
  });

  it('reaches into structs', async () => {
    const nested: Schema = {
      fields: [field('s', dataTypes.struct([field('a', dataTypes.int32()), field('b', dataTypes.utf8())]))],
    };
    database.put(orders, { schema: nested, rows: [[{ a: 1, b: 'x' }], [null]] });
    expect(
      await alter(
        {
          kind: 'add_column',
          path: ['s', 'c'],
          type: dataTypes.bool(),
          nullable: true,
          default: literal(true, dataTypes.bool()),
        },
        { kind: 'set_type', path: ['s', 'a'], type: dataTypes.int64() },
        { kind: 'rename_column', path: ['s', 'b'], to: 'd' },
      ),
    ).toEqual([{ s: { a: 1n, d: 'x', c: true } }, { s: null }]);
    const path = { kind: 'column', path: ['s', 'd'], type: dataTypes.utf8() } as const;
    const altered = (await catalog.table(orders, context))!;
    expect(await readAll(altered, { filters: [condition('eq', path, literal('x', dataTypes.utf8()))] })).toHaveLength(
      1,
    );
    expect(await readAll(altered, { filters: [condition('is_null', path)] })).toHaveLength(1);
  });

  it('keeps defaults, properties and constraints', async () => {
    await alter(
      { kind: 'set_default', path: ['name'], expr: literal('none', dataTypes.utf8()) },
      { kind: 'set_property', key: 'owner', value: 'me' },
      { kind: 'add_constraint', constraint: { kind: 'unique', columns: ['id'], enforced: true } },
      { kind: 'rename_column', path: ['id'], to: 'key' },
      { kind: 'set_comment', path: ['key'], comment: 'number' },
      { kind: 'set_nullable', path: ['key'], nullable: false },
    );
    const altered = (await catalog.table(orders, context))!;
    expect(altered.properties).toEqual({ owner: 'me' });
    expect(altered.constraints).toEqual([{ kind: 'unique', columns: ['key'], enforced: true }]);
    expect(altered.schema.fields[0]!.nullable).toBe(false);
    await alter(
      { kind: 'drop_constraint', name: 'unique_key', ifExists: false },
      { kind: 'set_property', key: 'owner' },
    );
    expect((await catalog.table(orders, context))!.constraints).toEqual([]);
  });

  it('changes nothing when one change fails, and tells why', async () => {
    const fails = (...changes: readonly TableChange[]) =>
      codeOf(() =>
        catalog.alter!(orders, [{ kind: 'rename_column', path: ['name'], to: 'renamed' }, ...changes], context),
      );
    expect(await fails({ kind: 'drop_column', path: ['nope'], ifExists: false })).toBe('not_found');
    expect(await fails({ kind: 'add_column', path: ['id'], type: dataTypes.int32(), nullable: true })).toBe(
      'already_exists',
    );
    expect(await fails({ kind: 'rename_column', path: ['id'], to: 'renamed' })).toBe('already_exists');
    expect(await fails({ kind: 'set_nullable', path: ['renamed'], nullable: false })).toBe('integrity');
    expect(await fails({ kind: 'add_column', path: ['x'], type: dataTypes.int32(), nullable: false })).toBe(
      'integrity',
    );
    expect(await fails({ kind: 'set_type', path: ['renamed'], type: dataTypes.int32() })).toBe('unsupported');
    expect(await fails({ kind: 'drop_constraint', name: 'x', ifExists: false })).toBe('not_found');
    expect(await fails({ kind: 'move_column', path: ['id'], position: { after: 'nope' } })).toBe('not_found');
    expect(await fails({ kind: 'set_default', path: ['nope'] })).toBe('not_found');
    const constraint = { kind: 'primary_key', columns: ['id'], enforced: true } as const;
    expect(
      await fails({ kind: 'add_constraint', constraint }, { kind: 'drop_column', path: ['id'], ifExists: false }),
    ).toBe('invalid_argument');
    expect((await catalog.table(orders, context))!.schema.fields.map((one) => one.name)).toEqual(['id', 'name']);
  });

  it('lets plans finish on the old columns, and asks tables that were loaded before to be loaded again', async () => {
    const before = (await catalog.table(orders, context))!;
    const plan = await planOf(before);
    await alter({ kind: 'drop_column', path: ['name'], ifExists: false });
    expect(await readPlan(plan)).toEqual([
      { id: 1, name: 'a' },
      { id: 2, name: null },
    ]);
    expect(await codeOf(() => planOf(before))).toBe('schema_mismatch');
  });
});
