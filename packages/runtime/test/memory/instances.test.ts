import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseBytes } from '@millrace/core';
import { type DuckDbDatabase, openDatabase } from '@millrace/duckdb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SharedMemory } from '../../src/memory/shared-memory.ts';

const MIB = 2 ** 20;
const TOTAL_BYTES = 256 * MIB;

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-instances-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function limitOf(database: DuckDbDatabase): Promise<number> {
  const sql = "SELECT current_setting('memory_limit')";
  const [row] = await database.withConnection((connection) => connection.rows(sql));
  return parseBytes(String(row?.[0]));
}

it('the limits of instances, as DuckDB tells them, come to no more than the budget while some open and close', async () => {
  const memory = new SharedMemory(TOTAL_BYTES);
  const open = (name: string, budget: Pick<SharedMemory, 'share' | 'hold' | 'totalBytes'> = memory) =>
    openDatabase({
      path: ':memory:',
      threads: 2,
      component: name,
      tempDirectory: join(folder, name),
      memory: { budget, minBytes: 32 * MIB, maxBytes: 200 * MIB },
    });
  const opened: DuckDbDatabase[] = [];
  const expectWithin = async (heldBytes = 0): Promise<number> => {
    const limits = await Promise.all(opened.map(limitOf));
    for (const limit of limits) expect(limit).toBeGreaterThanOrEqual(32 * MIB);
    const sum = limits.reduce((total, limit) => total + limit, heldBytes);
    expect(sum).toBeLessThanOrEqual(TOTAL_BYTES);
    return sum / MIB;
  };
  opened.push(await open('main', memory.forMain()));
  await opened[0]!.restrictFileAccess({ paths: [], directories: [folder] });
  expect(await expectWithin()).toBe(200);
  for (const name of ['a', 'b', 'c']) {
    opened.push(await open(name));
    expect(await expectWithin()).toBeGreaterThan(250);
  }
  const hold = await memory.hold({ component: 'dataset', bytes: 0 });
  await hold.resize(100 * MIB);
  expect(await expectWithin(100 * MIB)).toBeGreaterThan(250);
  await expect(open('d')).rejects.toMatchObject({ code: 'resource_exhausted', component: 'd' });
  await Promise.all(opened.splice(2).map((database) => database.close()));
  expect(await expectWithin(100 * MIB)).toBeGreaterThan(250);
  await hold.release();
  expect(await expectWithin()).toBeGreaterThan(250);
  await Promise.all(opened.map((database) => database.close()));
  expect(memory.status().components).toEqual([]);
});

it('an instance whose rows are spilled for others answers as before', async () => {
  const memory = new SharedMemory(TOTAL_BYTES);
  await using main = await openDatabase({
    path: ':memory:',
    threads: 2,
    component: 'main',
    tempDirectory: join(folder, 'spilled'),
    memory: { budget: memory.forMain(), minBytes: 32 * MIB },
  });
  const sql = 'CREATE TABLE kept AS SELECT i, hash(i) AS h, hash(i + 1) AS g FROM range(4000000) t(i)';
  await main.withConnection((connection) => connection.run(sql));
  const ask = () =>
    main.withConnection((connection) => connection.rows('SELECT count(*), sum(i), bit_xor(h), bit_xor(g) FROM kept'));
  const before = await ask();
  await memory.hold({ component: 'dataset', bytes: 224 * MIB });
  expect(await limitOf(main)).toBe(32 * MIB);
  const { components } = await memory.readStatus();
  const [engine] = components;
  expect(engine?.usedBytes).toBeLessThanOrEqual(32 * MIB);
  expect(engine?.spilledBytes).toBeGreaterThan(0);
  expect(await ask()).toEqual(before);
});
