import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { missingPostgres, type PostgresDatabase, serviceTitle, sharedPostgres } from '@millrace/services';
import { completeVersion, describeRows, VERSION_SCHEMA, versionBatches } from '@millrace/test-fixtures';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accelerate, type Given, reach, refresh, scanAll } from './accelerate.ts';
import { COMMAND, rowCountOf } from './refreshing-process.ts';

const KILL_COUNT = process.env.MILLRACE_TEST_FULL ? 100 : 5;
/** What the process is about to do when it is killed, in turn; full runs let it get on for a while of chance. */
const MOMENTS = ['write', 'commit', 'finish', 'begin', 'commit'] as const;

const missing = missingPostgres();
describe.skipIf(missing !== undefined)(serviceTitle('kills', missing), () => {
  let database: PostgresDatabase;
  let given: Given;
  beforeAll(async () => {
    database = await (await sharedPostgres()).createDatabase();
    given = reach(database);
  });
  afterAll(async () => {
    await database?.drop();
  });

  /** Waits until the server has noticed that a process is gone, and has finished or forgotten what that had begun. */
  async function untilGone(applicationName: string): Promise<void> {
    const query = 'SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = $1';
    for (;;) {
      const [row] = await database.sql(query, [applicationName]);
      if (row?.n === 0) return;
      await sleep(20);
    }
  }

  /** Starts a process that refreshes from a version on, and kills it at a moment after a number of commits; the last version it had told. */
  async function refreshUntilKilled(kill: number, first: number): Promise<number> {
    const applicationName = `killed ${kill}`;
    const script = fileURLToPath(new URL('refreshing-process.ts', import.meta.url));
    const child = spawn(
      process.execPath,
      [
        '--conditions=millrace-source',
        '--import=tsx',
        script,
        database.connectionString,
        applicationName,
        String(first),
      ],
      { stdio: ['ignore', 'pipe', 'inherit'], cwd: fileURLToPath(new URL('..', import.meta.url)) },
    );
    const exited = new Promise<NodeJS.Signals | null>((resolve) => child.once('close', (_, signal) => resolve(signal)));
    const lines: string[] = [];
    const moment = MOMENTS[kill % MOMENTS.length]!;
    const wantedCommits = kill % 3;
    let told = 0;
    let rest = '';
    const killed = new Promise<void>((resolve) => {
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        const parts = `${rest}${text}`.split('\n');
        rest = parts.pop() ?? '';
        for (const line of parts) {
          lines.push(line);
          if (/^\d+$/.test(line)) told = Number(line);
          else if (line === moment && lines.filter((each) => /^\d+$/.test(each)).length >= wantedCommits) resolve();
        }
      });
      child.once('close', () => resolve());
    });
    await killed;
    if (process.env.MILLRACE_TEST_FULL) await sleep(Math.random() * 60);
    child.kill('SIGKILL');
    expect(await exited).toBe('SIGKILL');
    await untilGone(applicationName);
    return told;
  }

  it(`rows and checkpoint agree after each of ${KILL_COUNT} kills during full and append refreshes and changes`, async () => {
    let current = 0;
    for (let kill = 0; kill < KILL_COUNT; kill++) {
      const told = await refreshUntilKilled(kill, current + 1);
      const { accelerator, status, table } = await accelerate({ given, schema: VERSION_SCHEMA, command: COMMAND });
      const found = table.checkpoint?.refreshedAtMs ?? 0;
      // What was told is there; more may have been committed and not told, while the kill was under way.
      expect(found).toBeGreaterThanOrEqual(told || current);
      expect(status.kind).toBe(found === 0 ? 'empty' : 'ready');
      const rows = describeRows(await scanAll(table));
      if (found === 0) expect(rows.rowCount).toBe(0);
      else expect(rows).toEqual(completeVersion(found, rowCountOf(found)));
      expect(table.checkpoint?.rowCount ?? 0n).toBe(BigInt(rows.rowCount));
      current = found;
      await accelerator.shutdown();
    }
    expect(current).toBeGreaterThan(1);
    const { accelerator, table } = await accelerate({ given, schema: VERSION_SCHEMA, command: COMMAND });
    await refresh(table, versionBatches(current + 1, 10));
    expect(describeRows(await scanAll(table))).toEqual(completeVersion(current + 1, 10));
    const left = () =>
      database.sql(
        "SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = 'millrace' AND relkind = 'r'",
      );
    // An old version that the server itself looks at, as autovacuum does, goes a moment later.
    await expect.poll(left).toHaveLength(2);
    await accelerator.shutdown();
  }, 900_000);
});
