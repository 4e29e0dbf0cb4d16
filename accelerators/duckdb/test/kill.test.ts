import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openDatabase } from '@millrace/duckdb';
import { completeVersion, describeRows, VERSION_SCHEMA } from '@millrace/test-fixtures';
import { afterAll, expect, it } from 'vitest';
import { accelerate, CONTEXT, scanAll } from './accelerate.ts';
import { completeAppend, describeAppended } from './append-versions.ts';
import { constraintsOf, type RefreshKind, rowCountOf } from './refreshing-process.ts';

const KILL_COUNT = process.env.MILLRACE_TEST_FULL ? 100 : 5;
/** One file of each kind is refreshed and killed at the same time. */
const KINDS: readonly RefreshKind[] = ['full', 'append', 'indexed append'];

const folders: string[] = [];
function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-kill-'));
  folders.push(folder);
  return folder;
}
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

interface Killed {
  /** The last version whose commit the process had told. */
  readonly told: number;
  readonly bootMs: number;
}

/** Starts a process that refreshes from a version on, and kills it a while after it began, or while it starts. */
async function refreshUntilKilled(request: {
  readonly folder: string;
  readonly first: number;
  readonly kind: RefreshKind;
  readonly killDuringStartMs: number | undefined;
  /** How many commits are waited for before the kill. */
  readonly wantedCommits: number;
}): Promise<Killed> {
  const started = performance.now();
  const script = fileURLToPath(new URL('refreshing-process.ts', import.meta.url));
  const child = spawn(
    process.execPath,
    ['--conditions=millrace-source', '--import=tsx', script, request.folder, String(request.first), request.kind],
    { stdio: ['ignore', 'pipe', 'inherit'], cwd: fileURLToPath(new URL('..', import.meta.url)) },
  );
  const exited = new Promise<NodeJS.Signals | null>((resolve) => child.once('close', (_, signal) => resolve(signal)));
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  if (request.killDuringStartMs === undefined) {
    while (!output.includes('ready') && child.exitCode === null) await sleep(5);
  }
  const bootMs = performance.now() - started;
  if (request.killDuringStartMs === undefined) {
    while (toldVersions(output).length < request.wantedCommits && child.exitCode === null) await sleep(1);
  }
  await sleep(request.killDuringStartMs ?? Math.random() * 200);
  child.kill('SIGKILL');
  expect(await exited).toBe('SIGKILL');
  return { told: toldVersions(output).at(-1) ?? 0, bootMs };
}

function toldVersions(output: string): number[] {
  return output.split('\n').slice(0, -1).map(Number).filter(Number.isInteger);
}

it.concurrent.each(KINDS)(
  `rows and checkpoint agree after each of ${KILL_COUNT} kills of a process with refreshes of kind %s`,
  async (kind) => {
    const folder = makeFolder();
    let refreshed = 0;
    let current = 0;
    let bootMs = 0;
    for (let kill = 0; kill < KILL_COUNT; kill++) {
      const killDuringStartMs = kill % 5 === 4 ? bootMs * (0.7 + Math.random() * 0.3) : undefined;
      const wantedCommits = kill % 3;
      const killed = await refreshUntilKilled({ folder, first: current + 1, kind, killDuringStartMs, wantedCommits });
      if (killDuringStartMs === undefined) bootMs = killed.bootMs;
      const engine = await openDatabase({ path: ':memory:', threads: 1 });
      const { accelerator, status, table } = await accelerate({
        folder,
        engine,
        schema: VERSION_SCHEMA,
        mode: 'file',
        command: constraintsOf(kind),
      });
      const found = table.checkpoint?.refreshedAtMs ?? 0;
      // What was told is there; one more may have been committed and not told.
      expect([killed.told || current, (killed.told || current) + 1]).toContain(found);
      expect(status.kind).toBe(found === 0 ? 'empty' : 'ready');
      const batches = await scanAll(table);
      if (found === 0) expect(batches).toEqual([]);
      else if (kind === 'full') expect(describeRows(batches)).toEqual(completeVersion(found, rowCountOf(found)));
      else expect(describeAppended(batches)).toEqual(completeAppend(found));
      expect(table.checkpoint?.rowCount ?? 0n).toBe(BigInt(batches.reduce((total, { numRows }) => total + numRows, 0)));
      if (kind !== 'full' && found > 0)
        expect(table.checkpoint).toMatchObject({ watermark: String(found), offset: { version: found } });
      const relation = await table.nativeRelation?.(CONTEXT);
      if (relation?.kind !== 'engine_table') throw new TypeError('the table does not live in the engine');
      const lookUp = `SELECT count(*) FROM "${relation.catalog}".main.orders WHERE i =`;
      for (const key of found === 0 ? [] : [0, 9_999, batches.reduce((total, { numRows }) => total + numRows, 0) - 1])
        expect(await engine.withConnection((connection) => connection.rows(`${lookUp} ${key}`))).toEqual([[1n]]);
      refreshed += found - current;
      current = found;
      await accelerator.shutdown();
      await engine.close();
    }
    expect(refreshed).toBeGreaterThan(1);
  },
  3_600_000,
);
