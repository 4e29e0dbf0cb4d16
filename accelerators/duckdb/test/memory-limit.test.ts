import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
  AcceleratedTable,
  CreateTableCommand,
  DataAccelerator,
  MemoryBudget,
  MemoryShareRequest,
} from '@millrace/core';
import { type DuckDbDatabase, openDatabase } from '@millrace/duckdb';
import {
  completeVersion,
  createAccelerator,
  describeRows,
  openTable,
  VERSION_SCHEMA,
  versionBatches,
} from '@millrace/test-fixtures';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { duckdbAccelerator as plugin } from '../src/index.ts';
import { CONTEXT, refresh, scanAll } from './accelerate.ts';

const MIB = 2 ** 20;

/** A budget that grants everything and keeps who has what. */
class Shares implements MemoryBudget {
  readonly totalBytes: number = 1024 * MIB;
  readonly open = new Set<MemoryShareRequest>();

  async share(request: MemoryShareRequest) {
    this.open.add(request);
    const release = async () => {
      this.open.delete(request);
    };
    return { component: request.component, bytes: request.minBytes, release };
  }

  hold(): never {
    throw new TypeError('an instance has a limit');
  }
}

let folder: string;
let host: DuckDbDatabase;
let memory: Shares;
let accelerators: DataAccelerator[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-limit-'));
  host = await openDatabase({ path: ':memory:', threads: 2 });
  memory = new Shares();
  accelerators = [];
});

afterEach(async () => {
  await Promise.all(accelerators.map((accelerator) => accelerator.shutdown()));
  await host.close();
  await rm(folder, { recursive: true });
});

function commandOf(table: string, mode: CreateTableCommand['mode']): CreateTableCommand {
  return { name: { table }, schema: VERSION_SCHEMA, mode, definitionHash: 'h', refreshMode: 'full' };
}

async function create(texts: Readonly<Record<string, string>>): Promise<DataAccelerator> {
  const accelerator = await createAccelerator({ plugin, folder, given: texts, host: { engine: host, memory } });
  accelerators.push(accelerator);
  return accelerator;
}

async function open(
  table: string,
  texts: Readonly<Record<string, string>>,
  mode: CreateTableCommand['mode'] = 'file',
): Promise<{ readonly accelerator: DataAccelerator; readonly table: AcceleratedTable }> {
  const accelerator = await create(texts);
  return { accelerator, table: await openTable(accelerator, commandOf(table, mode)) };
}

it('a copy with a limit has an instance of its own, and is found again', async () => {
  const texts = { duckdb_memory_limit: '64MiB' };
  const first = await open('orders', texts);
  expect([...memory.open]).toEqual([
    expect.objectContaining({
      component: 'dataset orders',
      minBytes: 64 * MIB,
      maxBytes: 64 * MIB,
      setting: 'duckdb_memory_limit',
    }),
  ]);
  expect(await first.table.nativeRelation?.(CONTEXT)).toBeUndefined();
  await refresh(first.table, versionBatches(1, 5_000));
  expect(describeRows(await scanAll(first.table))).toEqual(completeVersion(1, 5_000));
  await first.accelerator.shutdown();
  expect(memory.open.size).toBe(0);
  const reader = await create(texts);
  expect(await reader.readCheckpoint?.(commandOf('orders', 'file'), CONTEXT)).toMatchObject({ rowCount: 5_000n });
  expect(memory.open.size).toBe(0);
  // A restart may do with another limit, or none.
  const { table } = await open('orders', {});
  expect(memory.open.size).toBe(0);
  expect(describeRows(await scanAll(table))).toEqual(completeVersion(1, 5_000));
});

it('datasets of one file share an instance and agree on the limit', async () => {
  await symlink(folder, join(folder, 'link'));
  const limit = { duckdb_memory_limit: '64MiB' };
  const a = await open('a', { ...limit, duckdb_file: 'shared.duckdb' });
  const b = await open('b', { ...limit, duckdb_file: 'link/shared.duckdb' });
  expect(memory.open.size).toBe(1);
  await Promise.all([refresh(a.table, versionBatches(1, 100)), refresh(b.table, versionBatches(2, 200))]);
  expect(describeRows(await scanAll(a.table))).toEqual(completeVersion(1, 100));
  expect(describeRows(await scanAll(b.table))).toEqual(completeVersion(2, 200));
  for (const texts of [{ duckdb_memory_limit: '65MiB' }, {}])
    await expect(open('c', { ...texts, duckdb_file: 'shared.duckdb' })).rejects.toMatchObject({
      code: 'invalid_config',
      component: 'dataset c',
      message: expect.stringContaining('shared.duckdb'),
    });
  await a.accelerator.shutdown();
  expect(describeRows(await scanAll(b.table))).toEqual(completeVersion(2, 200));
  await b.accelerator.shutdown();
  expect(memory.open.size).toBe(0);
  await open('c', { duckdb_file: 'shared.duckdb' });
});

it('copies in memory with a limit share nothing', async () => {
  const limit = { duckdb_memory_limit: '32MiB' };
  const [a, b] = [await open('a', limit, 'memory'), await open('b', limit, 'memory')];
  expect(memory.open.size).toBe(2);
  await refresh(a.table, versionBatches(1, 100));
  await refresh(b.table, versionBatches(2, 200));
  await a.accelerator.shutdown();
  expect(memory.open.size).toBe(1);
  expect(describeRows(await scanAll(b.table))).toEqual(completeVersion(2, 200));
});

it('a limit below what an instance needs is refused', async () => {
  await expect(open('a', { duckdb_memory_limit: '31MiB' }, 'memory')).rejects.toMatchObject({
    code: 'invalid_config',
    message: expect.stringContaining('32 MiB'),
  });
});
