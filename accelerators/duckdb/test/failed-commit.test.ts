import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MillraceError } from '@millrace/core';
import { type DuckDbConnection, type DuckDbDatabase, openDatabase } from '@millrace/duckdb';
import { completeVersion, describeRows, VERSION_SCHEMA, versionBatches } from '@millrace/test-fixtures';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Accelerated, accelerate, CONTEXT, refresh, scanAll } from './accelerate.ts';

/** Fails the next COMMIT as DuckDB does where the log cannot be written: the transaction has ended, and nothing of it is there. */
class FailingCommits {
  #count = 0;

  arm(): void {
    this.#count = 1;
  }

  attend(engine: DuckDbDatabase): void {
    const connect = engine.connect.bind(engine);
    engine.connect = async () => this.#over(await connect());
  }

  #over(connection: DuckDbConnection): DuckDbConnection {
    const run = connection.run.bind(connection);
    connection.run = async (sql, parameters, options) => {
      if (sql !== 'COMMIT' || this.#count === 0) return run(sql, parameters, options);
      this.#count -= 1;
      await run('ROLLBACK');
      throw new MillraceError({ code: 'io', component: 'duckdb', message: 'Failed to commit: Could not write file' });
    };
    return connection;
  }
}

describe.each(['createNextVersion', 'createStagedRows'])('a commit that fails, of rows loaded by %s', (target) => {
  const commits = new FailingCommits();
  let folder: string;
  let engine: DuckDbDatabase;
  let opened: Accelerated;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-commit-'));
    engine = await openDatabase({ path: ':memory:', threads: 2 });
    commits.attend(engine);
    const sorted = target === 'createStagedRows' ? { sortColumns: 'i' } : {};
    opened = await accelerate({ folder, mode: 'file', schema: VERSION_SCHEMA, engine, ...sorted });
    await refresh(opened.table, versionBatches(1, 10));
  });
  afterEach(async () => {
    await opened.accelerator.shutdown();
    await engine.close();
    rmSync(folder, { recursive: true });
  });

  it('leaves the rows that were there, and the same refresh can load them anew', async () => {
    const { table } = opened;
    const { checkpoint } = table;
    await using session = await table.beginRefresh({ mode: { kind: 'overwrite' } }, CONTEXT);
    const load = async (version: number): Promise<void> => {
      await using writer = await session.writer();
      for (const batch of versionBatches(version, 20)) await writer.write(batch);
      await writer.finish();
    };
    await load(2);
    commits.arm();
    await expect(session.commit({ refreshedAtMs: 2, bootstrapComplete: true })).rejects.toMatchObject({ code: 'io' });
    expect(table.checkpoint).toEqual(checkpoint);
    expect(describeRows(await scanAll(table))).toEqual(completeVersion(1, 10));
    await load(3);
    await session.commit({ refreshedAtMs: 3, bootstrapComplete: true });
    expect(describeRows(await scanAll(table))).toEqual(completeVersion(3, 20));
    await refresh(table, versionBatches(4, 5));
    expect(describeRows(await scanAll(table))).toEqual(completeVersion(4, 5));
  });
});
