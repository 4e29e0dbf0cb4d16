import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { memoryDatabase } from '@millrace/connector-memory';
import { dataTypes, field } from '@millrace/core';
import { createRegistry } from '@millrace/core/registry';
import { ENGINE_MODES, ENGINES, type OpenedEngine, openEngine } from '@millrace/engines';
import { missingFileLimit, withFileLimit, withoutPrivileges } from '@millrace/test-fixtures';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createRuntime, type Runtime } from '../../src/index.ts';
import { createFaultySource, type FaultySource } from '../worker/faulty-source.ts';
import { ManualClock } from '../worker/manual-clock.ts';

const STORE = 'faults';
const HOUR = 3_600_000;
const PATIENCE = { timeout: 60_000 };

/** What docs/faults.md tells of, through the runtime; the rest is asked of each engine by `testAccelerator`. */
describe.each(ENGINE_MODES)('faults around a copy in $engine, $mode', (engineMode) => {
  let folder: string;
  let source: FaultySource;
  let clock: ManualClock;
  let copies: OpenedEngine;
  const runtimes: Runtime[] = [];

  beforeEach(async () => {
    copies = await openEngine(engineMode.engine);
    folder = mkdtempSync(join(tmpdir(), 'millrace-faults-'));
    source = createFaultySource();
    clock = new ManualClock();
    put(3);
  });
  afterEach(async () => {
    await Promise.all(runtimes.splice(0).map((runtime) => runtime.close()));
    await copies.close();
    rmSync(folder, { recursive: true, force: true });
  });

  function put(count: number): void {
    memoryDatabase(STORE).put('a', {
      schema: { fields: [field('id', dataTypes.int32())] },
      rows: Array.from({ length: count }, (_, id) => [id]),
    });
  }
  async function start(): Promise<Runtime> {
    const params = { memory_database: STORE };
    const acceleration = { ...engineMode, params: copies.params, refresh_check_interval: '1d' } as const;
    const runtime = await createRuntime({
      config: {
        datasets: [
          { from: 'faulty:a', name: 'a', params, acceleration },
          { from: 'faulty:a', name: 'live', params },
        ],
      },
      clock,
      baseDirectory: folder,
      registry: createRegistry({ connectors: [source.plugin], accelerators: ENGINES }),
      logger: { debug() {}, info() {}, warn() {}, error() {} },
    });
    runtimes.push(runtime);
    return runtime;
  }
  const count = async (runtime: Runtime, table = 'a') =>
    (await (await runtime.sql(`SELECT count(*)::INTEGER AS n FROM ${table}`)).toRows())[0]?.n;
  const stateOf = (runtime: Runtime) => runtime.datasets()[0]!;
  const settled = (runtime: Runtime, state: string) =>
    vi.waitFor(() => expect(stateOf(runtime).state).toBe(state), PATIENCE);

  it('serves the old rows while the source is down for an hour, and the new ones once it is back', async () => {
    const runtime = await start();
    await runtime.ready();
    await settled(runtime, 'ready');
    source.failure = 'passing';
    await expect(runtime.refresh('a')).rejects.toMatchObject({ code: 'unavailable', retryable: true });
    const backAtMs = clock.now() + HOUR;
    while (clock.now() < backAtMs) {
      await settled(runtime, 'error');
      clock.advance(clock.nextMs!);
    }
    await settled(runtime, 'error');
    expect(stateOf(runtime)).toMatchObject({ rowCount: 3n, lastErrorCode: 'unavailable' });
    expect(await count(runtime)).toBe(3);
    put(5);
    source.failure = undefined;
    clock.advance(clock.nextMs!);
    await settled(runtime, 'ready');
    expect(await count(runtime)).toBe(5);
  });

  if (engineMode.mode !== 'file') return;

  /** The engine's own files, those that it keeps beside the rows among them. */
  const files = () => {
    const data = join(folder, '.millrace');
    const names = readdirSync(data, { withFileTypes: true }).filter((entry) => entry.isFile());
    return names.map(({ name }) => join(data, name));
  };

  it.skipIf(missingFileLimit !== undefined)(
    `serves rows and refreshes again after the disk was full${missingFileLimit ? ` (skipped: ${missingFileLimit})` : ''}`,
    async () => {
      put(3_000);
      const runtime = await start();
      await runtime.ready();
      await settled(runtime, 'ready');
      // So few bytes that nothing can be written; and some, so that a small log can be written and not what it is for.
      for (const bytes of [0, 5_000]) {
        put(60);
        const outcome = await withFileLimit(bytes, () =>
          runtime.refresh('a').then(
            () => 'loaded',
            (error: { readonly code?: string }) => error.code,
          ),
        );
        expect(['loaded', 'io']).toContain(outcome);
        expect(await count(runtime)).toBe(outcome === 'loaded' ? 60 : 3_000);
        put(3_000);
        expect(await runtime.refresh('a')).toMatchObject({ rowCount: 3_000n });
        expect(await count(runtime)).toBe(3_000);
        expect(stateOf(runtime).state).toBe('ready');
      }
    },
  );

  it('says that its file is damaged, leaves it alone, and starts anew without it, all without a restart', async () => {
    const first = await start();
    await first.ready();
    await first.close();
    const damaged = 'nothing that a database begins with '.repeat(2_000);
    for (const file of files()) writeFileSync(file, damaged);
    const runtime = await start();
    expect(stateOf(runtime)).toMatchObject({ state: 'error', lastErrorCode: 'invalid_data' });
    await expect(count(runtime)).rejects.toMatchObject({ code: 'invalid_data' });
    expect(await count(runtime, 'live')).toBe(3);
    await expect(runtime.refresh('a')).rejects.toMatchObject({ code: 'invalid_data' });
    expect(files().map((file) => readFileSync(file, 'utf8'))).toContain(damaged);
    for (const file of files()) rmSync(file);
    expect(await runtime.refresh('a')).toMatchObject({ rowCount: 3n });
    expect(await count(runtime)).toBe(3);
    expect(stateOf(runtime)).toMatchObject({ state: 'ready' });
  });

  it('says that its file may not be written, and goes on once it may, without a restart', async () => {
    const first = await start();
    await first.ready();
    await first.close();
    const data = join(folder, '.millrace');
    for (const file of files()) chmodSync(file, 0o444);
    chmodSync(data, 0o555);
    chmodSync(folder, 0o755);
    let runtime: Runtime | undefined;
    try {
      runtime = await withoutPrivileges(async () => {
        const started = await start();
        expect(await count(started, 'live')).toBe(3);
        await expect(started.refresh('a')).rejects.toMatchObject({
          code: expect.stringMatching(/^(io|unauthorized)$/),
          hint: expect.any(String),
        });
        expect(stateOf(started)).toMatchObject({ state: 'error' });
        return started;
      });
    } finally {
      chmodSync(data, 0o755);
      for (const file of files()) chmodSync(file, 0o644);
    }
    put(4);
    expect(await runtime.refresh('a')).toMatchObject({ rowCount: 4n });
    expect(await count(runtime)).toBe(4);
    expect(stateOf(runtime)).toMatchObject({ state: 'ready' });
  });

  it('says that another process has its file, and takes it over by itself once that has ended', async () => {
    const script = fileURLToPath(new URL('holding-process.ts', import.meta.url));
    const holder = spawn(
      process.execPath,
      ['--conditions=millrace-source', '--import=tsx', script, folder, engineMode.engine],
      { stdio: ['ignore', 'pipe', 'inherit'], cwd: fileURLToPath(new URL('../..', import.meta.url)) },
    );
    try {
      await once(holder.stdout, 'data');
      const runtime = await start();
      expect(stateOf(runtime)).toMatchObject({ state: 'error', lastErrorCode: 'conflict' });
      await expect(count(runtime)).rejects.toMatchObject({ code: 'conflict', retryable: true });
      expect(await count(runtime, 'live')).toBe(3);
      expect(clock.nextMs).toBeDefined();
    } finally {
      holder.kill('SIGKILL');
      await once(holder, 'exit');
    }
    const [runtime] = runtimes as [Runtime];
    clock.advance(clock.nextMs!);
    await settled(runtime, 'ready');
    expect(await count(runtime)).toBe(3);
  });
});
