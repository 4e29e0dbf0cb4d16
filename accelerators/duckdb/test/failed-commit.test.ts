import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cancelledError, MillraceError } from '@millrace/core';
import { type DuckDbConnection, type DuckDbDatabase, openDatabase } from '@millrace/duckdb';
import { completeVersion, createGate, describeRows, VERSION_SCHEMA, versionBatches } from '@millrace/test-fixtures';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Accelerated, accelerate, CONTEXT, refresh, scanAll } from './accelerate.ts';

/** Takes the place of COMMIT: ends the transaction. */
type Commit = (end: (how: 'COMMIT' | 'ROLLBACK') => Promise<bigint>) => Promise<bigint>;

/** Lets a test decide what becomes of the next COMMIT of an engine's connections. */
class NextCommit {
  #next: Commit | undefined;
  /** Whether a connection was closed while its COMMIT ran, which interrupts it. */
  isInterrupted = false;

  set(next: Commit): void {
    this.#next = next;
  }

  attend(engine: DuckDbDatabase): void {
    const connect = engine.connect.bind(engine);
    engine.connect = async () => this.#over(await connect());
  }

  #over(connection: DuckDbConnection): DuckDbConnection {
    const run = connection.run.bind(connection);
    const close = connection.close.bind(connection);
    let running: Promise<bigint> | undefined;
    connection.run = async (sql, parameters, options) => {
      const next = this.#next;
      if (sql !== 'COMMIT' || next === undefined) return run(sql, parameters, options);
      this.#next = undefined;
      running = next((how) => run(how));
      return await running.finally(() => {
        running = undefined;
      });
    };
    connection.close = async () => {
      this.isInterrupted ||= running !== undefined;
      await running?.catch(() => undefined);
      await close();
    };
    return connection;
  }
}

/** As DuckDB does where the log cannot be written: the transaction has ended, and nothing of it is there. */
async function failing(end: Parameters<Commit>[0]): Promise<never> {
  await end('ROLLBACK');
  throw new MillraceError({ code: 'io', component: 'duckdb', message: 'Failed to commit: Could not write file' });
}

describe.each(['createNextVersion', 'createStagedRows'])('a commit that fails, of rows loaded by %s', (target) => {
  let commit: NextCommit;
  let folder: string;
  let engine: DuckDbDatabase;
  let opened: Accelerated;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-commit-'));
    engine = await openDatabase({ path: ':memory:', threads: 2 });
    commit = new NextCommit();
    commit.attend(engine);
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
    commit.set(failing);
    await expect(session.commit({ refreshedAtMs: 2, bootstrapComplete: true })).rejects.toMatchObject({ code: 'io' });
    expect(table.checkpoint).toEqual(checkpoint);
    expect(describeRows(await scanAll(table))).toEqual(completeVersion(1, 10));
    await load(3);
    await session.commit({ refreshedAtMs: 3, bootstrapComplete: true });
    expect(describeRows(await scanAll(table))).toEqual(completeVersion(3, 20));
    await refresh(table, versionBatches(4, 5));
    expect(describeRows(await scanAll(table))).toEqual(completeVersion(4, 5));
  });

  it.each(['session', 'accelerator'] as const)(
    'is not interrupted by the end of its %s, and does not say it was',
    async (ended) => {
      const { table, accelerator, command } = opened;
      await using session = await table.beginRefresh({ mode: { kind: 'overwrite' } }, CONTEXT);
      {
        await using writer = await session.writer();
        for (const batch of versionBatches(2, 20)) await writer.write(batch);
        await writer.finish();
      }
      const begun = createGate();
      const goesOn = createGate();
      commit.set(async (end) => {
        begun.open();
        await goesOn.opened;
        const count = await end('COMMIT');
        // DuckDB looks for interrupts after it has committed, too: of 400 such commits, 63 were told as cancelled and had been made.
        if (commit.isInterrupted) throw cancelledError('duckdb', AbortSignal.abort());
        return count;
      });
      const committing = session.commit({ refreshedAtMs: 2, bootstrapComplete: true });
      committing.catch(() => undefined);
      await begun.opened;
      const ending = ended === 'session' ? session.abort() : accelerator.shutdown();
      // Whoever ends the connection without waiting has done so by now.
      await new Promise(setImmediate);
      goesOn.open();
      await ending;
      expect((await committing).rowCount).toBe(20n);
      expect(table.checkpoint).toMatchObject({ rowCount: 20n, refreshedAtMs: 2 });
      if (ended === 'accelerator') return;
      expect(describeRows(await scanAll(table))).toEqual(completeVersion(2, 20));
      await refresh(table, versionBatches(3, 5));
      expect(describeRows(await scanAll(table))).toEqual(completeVersion(3, 5));
      await accelerator.shutdown();
      opened = await accelerate({ folder, mode: 'file', schema: VERSION_SCHEMA, engine, command });
      expect(opened.status).toMatchObject({ kind: 'ready', checkpoint: { rowCount: 5n } });
    },
  );
});
