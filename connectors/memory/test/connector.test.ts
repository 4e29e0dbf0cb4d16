import { dataTypes, field, type Parameters, PLUGIN_BRAND, resolveParameters, type Schema } from '@millrace/core';
import { describe, expect, it, vi } from 'vitest';
import { memoryConnector, memoryDatabase, memoryParameters } from '../src/index.ts';
import { codeOf, context, readAll } from './read-all.ts';

const schema: Schema = { fields: [field('id', dataTypes.int32())] };
const silent = { debug() {}, info() {}, warn() {}, error() {} };
const plugin = { signal: context.signal, logger: silent, baseDirectory: '/' };

function parameters(given: Readonly<Record<string, string>> = {}): Parameters {
  return resolveParameters({
    specs: memoryParameters,
    prefix: memoryConnector.prefix,
    given: new Map(Object.entries(given).map(([name, text]) => [name, { text }])),
    component: 'dataset t',
    connector: 'memory',
  });
}

describe('connector', () => {
  it('finds tables that code has put, in the database that a parameter names', async () => {
    expect(memoryConnector[PLUGIN_BRAND]).toBe(1);
    memoryDatabase().put('connector_orders', { schema, rows: [[1]] });
    memoryDatabase('second').put('connector_orders', { schema, rows: [[2], [3]] });
    await using connector = await memoryConnector.create(parameters(), plugin);
    const read = async (given: Readonly<Record<string, string>>) =>
      readAll(
        await connector.readProvider({ name: 't', path: 'connector_orders', parameters: parameters(given) }, context),
      );
    expect(await read({})).toEqual([{ id: 1 }]);
    expect(await read({ memory_database: 'second' })).toEqual([{ id: 2 }, { id: 3 }]);
  });

  it('sees what is put later through a provider that was loaded before', async () => {
    memoryDatabase().put('connector_later', { schema, rows: [[1]] });
    await using connector = await memoryConnector.create(parameters(), plugin);
    const provider = await connector.readWriteProvider!(
      { name: 't', path: 'connector_later', parameters: parameters() },
      context,
    );
    memoryDatabase().put('connector_later', { schema, rows: [[7], [8]] });
    expect(await readAll(provider)).toEqual([{ id: 7 }, { id: 8 }]);
    const log = await connector.changesStream!(
      { name: 't', path: 'connector_later', parameters: parameters() },
      context,
    );
    expect(await log.latest(await log.initial(), 'all')).toEqual({ version: '2' });
    await log[Symbol.asyncDispose]();
  });

  it('names the nearest table, refuses other columns, and stays closed', async () => {
    memoryDatabase().put('connector_customers', { schema });
    const connector = await memoryConnector.create(parameters(), plugin);
    const load = (path: string, declared?: Schema) =>
      connector.readProvider(
        { name: 't', path, parameters: parameters(), ...(declared && { schema: declared }) },
        context,
      );
    await expect(load('connector_custmers')).rejects.toThrow(/Did you mean connector_customers/);
    expect(await codeOf(() => load('connector_custmers'))).toBe('not_found');
    expect(await codeOf(() => load('connector_customers', { fields: [field('id', dataTypes.utf8())] }))).toBe(
      'schema_mismatch',
    );
    await connector.close();
    await connector.close();
    expect(await codeOf(() => load('connector_customers'))).toBe('invalid_state');
  });

  it('shares its databases with other copies of this package', async () => {
    memoryDatabase('shared').put('t', { schema, rows: [[1]] });
    vi.resetModules();
    const copy = await import('../src/index.ts');
    expect(copy.memoryDatabase).not.toBe(memoryDatabase);
    copy.memoryDatabase('shared').put('t', { schema, rows: [[2]] });
    expect(await readAll(memoryDatabase('shared').table('t'))).toEqual([{ id: 2 }]);
  });

  it('refuses options that contradict each other', async () => {
    const database = memoryDatabase('options');
    expect(await codeOf(() => database.put('t', {}))).toBe('invalid_argument');
    expect(await codeOf(() => database.put('t', { schema: { fields: [] } }))).toBe('invalid_argument');
    expect(await codeOf(() => database.put('t', { schema, batches: [], rows: [] }))).toBe('invalid_argument');
    expect(await codeOf(() => database.put('t', { schema, primaryKey: ['nope'] }))).toBe('invalid_argument');
    expect(await codeOf(() => database.put('t', { schema, partitionCount: 0 }))).toBe('invalid_argument');
    expect(await codeOf(() => database.put('t', { schema, rows: [['no number']] }))).toBe('invalid_data');
    expect(database.list()).toEqual([]);
    expect(database.drop('t')).toBe(false);
  });
});
