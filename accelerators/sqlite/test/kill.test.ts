import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { completeVersion, describeRows, VERSION_SCHEMA, versionBatches } from '@millrace/test-fixtures';
import Database from 'better-sqlite3';
import { afterAll, expect, it } from 'vitest';
import { accelerate, refresh, scanAll } from './accelerate.ts';
import { COMMAND, rowCountOf } from './refreshing-process.ts';

const KILL_COUNT = process.env.MILLRACE_TEST_FULL ? 100 : 6;

const folder = mkdtempSync(join(tmpdir(), 'millrace-kill-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Starts a process that refreshes from a version on, and kills it a while after a number of commits; the last version it had told. */
async function refreshUntilKilled(first: number, wantedCommits: number): Promise<number> {
  const script = fileURLToPath(new URL('refreshing-process.ts', import.meta.url));
  const child = spawn(
    process.execPath,
    ['--conditions=millrace-source', '--import=tsx', script, folder, String(first)],
    { stdio: ['ignore', 'pipe', 'inherit'], cwd: fileURLToPath(new URL('..', import.meta.url)) },
  );
  const exited = new Promise<NodeJS.Signals | null>((resolve) => child.once('close', (_, signal) => resolve(signal)));
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  while (!output.includes('ready') && child.exitCode === null) await sleep(5);
  while (toldVersions(output).length < wantedCommits && child.exitCode === null) await sleep(1);
  await sleep(Math.random() * 300);
  child.kill('SIGKILL');
  expect(await exited).toBe('SIGKILL');
  return toldVersions(output).at(-1) ?? 0;
}

function toldVersions(output: string): number[] {
  return output.split('\n').slice(0, -1).map(Number).filter(Number.isInteger);
}

it(`rows and checkpoint agree after each of ${KILL_COUNT} kills during full and append refreshes and changes`, async () => {
  let current = 0;
  for (let kill = 0; kill < KILL_COUNT; kill++) {
    const told = await refreshUntilKilled(current + 1, kill % 3);
    const { accelerator, status, table } = await accelerate({
      folder,
      schema: VERSION_SCHEMA,
      mode: 'file',
      command: COMMAND,
    });
    const found = table.checkpoint?.refreshedAtMs ?? 0;
    // What was told is there; one more may have been committed and not told.
    expect([told || current, (told || current) + 1]).toContain(found);
    expect(status.kind).toBe(found === 0 ? 'empty' : 'ready');
    const rows = describeRows(await scanAll(table));
    if (found === 0) expect(rows.rowCount).toBe(0);
    else expect(rows).toEqual(completeVersion(found, rowCountOf(found)));
    expect(table.checkpoint?.rowCount ?? 0n).toBe(BigInt(rows.rowCount));
    current = found;
    await accelerator.shutdown();
  }
  expect(current).toBeGreaterThan(1);
  const { accelerator, table } = await accelerate({ folder, schema: VERSION_SCHEMA, mode: 'file', command: COMMAND });
  await refresh(table, versionBatches(current + 1, 10));
  expect(describeRows(await scanAll(table))).toEqual(completeVersion(current + 1, 10));
  await accelerator.shutdown();
  const file = join(folder, 'data/orders.sqlite');
  const database = new Database(file, { readonly: true });
  expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
  const tables = database.prepare("SELECT count(*) FROM sqlite_schema WHERE type = 'table'").pluck().get();
  expect(tables).toBe(2);
  database.close();
  expect(readdirSync(join(folder, 'data')).filter((name) => !/^orders\.sqlite(\.lock|-wal|-shm)?$/.test(name))).toEqual(
    [],
  );
}, 3_600_000);
