import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dataTypes, field, type MemoryBudget, type MemoryShareRequest } from '@millrace/core';
import { createPlanner, createStatementInspector, type DuckDbDatabase, openDatabase } from '@millrace/duckdb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

const MIB = 2 ** 20;
/** About 80 MiB in memory. */
const ROWS = 'CREATE TABLE kept AS SELECT i, hash(i) AS h, hash(i + 1) AS g FROM range(4000000) t(i)';

/** A budget with one taker. */
class OneShare implements MemoryBudget {
  readonly totalBytes: number;
  request: MemoryShareRequest | undefined;
  isReleased = false;

  constructor(totalBytes: number) {
    this.totalBytes = totalBytes;
  }

  async share(request: MemoryShareRequest) {
    this.request = request;
    const release = async () => {
      this.isReleased = true;
    };
    return { component: request.component, bytes: this.totalBytes, release };
  }

  hold(): never {
    throw new TypeError('an engine has a limit');
  }
}

let folder: string;
let budget: OneShare;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-memory-'));
});

beforeEach(() => {
  budget = new OneShare(200 * MIB);
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

function open(): Promise<DuckDbDatabase> {
  const memory = { budget, minBytes: 32 * MIB, maxBytes: 300 * MIB };
  return openDatabase({
    path: ':memory:',
    threads: 2,
    component: 'engine',
    tempDirectory: join(folder, 'spill'),
    memory,
  });
}

async function limitOf(database: DuckDbDatabase): Promise<unknown> {
  const [row] = await database.withConnection((connection) =>
    connection.rows("SELECT current_setting('memory_limit')"),
  );
  return row?.[0];
}

describe('a database with a share of a budget', () => {
  it('asks for it and gives it back when it is closed', async () => {
    const database = await open();
    expect(budget.request).toMatchObject({ component: 'engine', minBytes: 32 * MIB, maxBytes: 300 * MIB });
    expect(await limitOf(database)).toBe('200.0 MiB');
    expect(budget.isReleased).toBe(false);
    await database.close();
    expect(budget.isReleased).toBe(true);
  });

  it('gives it back when it cannot be opened', async () => {
    const memory = { budget, minBytes: MIB };
    const path = join(folder, 'absent', 'x.duckdb');
    await expect(openDatabase({ path, memory })).rejects.toMatchObject({ code: 'io' });
    expect(budget.isReleased).toBe(true);
    await budget.request?.apply(100 * MIB);
  });

  it('moves what exceeds a lower limit into temporary files', async () => {
    await using database = await open();
    await database.withConnection((connection) => connection.run(ROWS));
    expect((await database.readMemoryUse()).usedBytes).toBeGreaterThan(64 * MIB);
    await budget.request?.apply(32 * MIB);
    expect(await limitOf(database)).toBe('32.0 MiB');
    const { usedBytes, spilledBytes } = (await budget.request?.readUse?.()) ?? { usedBytes: 0, spilledBytes: 0 };
    expect(usedBytes).toBeLessThanOrEqual(32 * MIB);
    expect(spilledBytes).toBeGreaterThan(16 * MIB);
    const rows = await database.withConnection((connection) => connection.rows('SELECT count(*), sum(i) FROM kept'));
    expect(rows).toEqual([[4000000n, expect.anything()]]);
  });

  it('changes the limit of an instance whose settings are locked, and no other setting', async () => {
    await using database = await open();
    await database.restrictFileAccess({ paths: [], directories: [] });
    await budget.request?.apply(64 * MIB);
    expect(await limitOf(database)).toBe('64.0 MiB');
    const change = database.withConnection((connection) => connection.run('SET GLOBAL threads = 1'));
    await expect(change).rejects.toMatchObject({ message: expect.stringContaining('locked') });
  });

  it('fails with a code and the setting to raise where memory is not enough, and works on', async () => {
    await using database = await open();
    await budget.request?.apply(32 * MIB);
    await database.withConnection(async (connection) => {
      const tooMuch = connection.rows('SELECT length(string_agg(i::VARCHAR)) FROM range(20000000) t(i)');
      await expect(tooMuch).rejects.toMatchObject({
        code: 'resource_exhausted',
        component: 'engine',
        hint: expect.stringContaining('Raise runtime.memory_limit'),
      });
      expect(await connection.rows('SELECT 1')).toEqual([[1]]);
    });
  });
});

describe('instances that parse and plan, with a limit', () => {
  const long = `SELECT i FROM t WHERE i IN (${Array.from({ length: 20_000 }, (_, index) => index).join()})`;

  it('a statement whose tree is too large is refused with a code, and the next one is not', async () => {
    await using inspector = await createStatementInspector({ memoryLimit: '16MiB' });
    await expect(inspector.inspect(long)).rejects.toMatchObject({
      code: 'resource_exhausted',
      component: 'sql',
      hint: expect.stringContaining('Raise runtime.memory_limit'),
    });
    expect(await inspector.inspect('SELECT 1')).toMatchObject({ kind: 'query' });
  });

  it('a statement whose plan is too large is read without one', async () => {
    await using planner = await createPlanner({ memoryLimit: '8MiB' });
    await planner.defineTable({ table: 't' }, { fields: [field('i', dataTypes.int64())] });
    expect(await planner.plan(long)).toMatchObject({ kind: 'unreadable' });
    expect(await planner.plan('SELECT i FROM t WHERE i = 1')).toMatchObject({ kind: 'planned' });
  });
});
