import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type DuckDbDatabase, openDatabase } from '@millrace/duckdb';
import { completeVersion, describeRows, OpenCopies, VERSION_SCHEMA, versionBatches } from '@millrace/test-fixtures';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Accelerated, accelerate, CONTEXT, refresh, scanAll } from './accelerate.ts';

describe('a file of which a dataset is dropped', () => {
  /** Two datasets whose file has one name. */
  const first = { table: 'sales.orders' };
  const second = { schemaName: 'sales', table: 'orders' };
  let copies: OpenCopies;
  let path: string;
  let engine: DuckDbDatabase;
  beforeEach(async () => {
    copies = new OpenCopies();
    path = join(copies.folder, 'data/sales.orders.duckdb');
    engine = await openDatabase({ path: ':memory:', threads: 2 });
  });
  afterEach(async () => {
    copies.engines.push(engine);
    await copies[Symbol.asyncDispose]();
  });

  async function open(name: typeof first | typeof second, file?: string): Promise<Accelerated> {
    const given = file === undefined ? {} : { file };
    const accelerated = await accelerate({
      folder: copies.folder,
      mode: 'file',
      name,
      schema: VERSION_SCHEMA,
      engine,
      ...given,
    });
    copies.opened.push(accelerated);
    return accelerated;
  }

  it('is removed with the last one, and made anew for the next', async () => {
    for (const version of [1, 2]) {
      const { accelerator, command, status, table } = await open(first);
      expect(status).toEqual({ kind: 'empty' });
      await refresh(table, versionBatches(version, 10));
      const other = await open(second);
      await other.accelerator.drop?.(other.command, CONTEXT);
      expect(existsSync(path)).toBe(true);
      expect(describeRows(await scanAll(table))).toEqual(completeVersion(version, 10));
      await accelerator.drop?.(command, CONTEXT);
      expect([path, `${path}.wal`, `${path}.undo`].filter((file) => existsSync(file))).toEqual([]);
    }
  });

  it('stays where its user has named it', async () => {
    const { accelerator, command } = await open(first, 'data/sales.orders.duckdb');
    await accelerator.drop?.(command, CONTEXT);
    expect(existsSync(path)).toBe(true);
    expect((await open(first, 'data/sales.orders.duckdb')).status).toEqual({ kind: 'empty' });
  });

  it('is not removed under another one that opens it meanwhile', async () => {
    const { accelerator, command, table } = await open(first);
    await refresh(table, versionBatches(1, 10));
    const dropped = accelerator.drop?.(command, CONTEXT);
    const other = await open(second);
    await dropped;
    await refresh(other.table, versionBatches(2, 20));
    await copies.closeAll();
    const { status, table: found } = await open(second);
    expect(status.kind).toBe('ready');
    expect(describeRows(await scanAll(found))).toEqual(completeVersion(2, 20));
  });
});
