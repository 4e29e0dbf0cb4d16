import { afterAll, beforeAll, expect, it } from 'vitest';
import { commandLine, startProcess } from './command-process.ts';
import { createHostFixture, type HostFixture } from './host-fixture.ts';

let host: HostFixture;
let config: string;

beforeAll(() => {
  host = createHostFixture();
  config = host.write('millrace.yaml', 'version: v1\ndatasets:\n  - from: counter:2\n    name: numbers\n');
});
afterAll(() => host.remove());

it('writes results to stdout, errors to stderr, and ends with the status', async () => {
  const good = startProcess(commandLine(['sql', 'SELECT max(n) AS m FROM numbers', '-c', config]));
  const bad = startProcess(commandLine(['sql', 'SELECT * FROM numbrs', '-c', config]));
  expect([await good.ended, good.stdout(), good.stderr()]).toEqual([0, '{"m":"1999"}\n', '']);
  expect([await bad.ended, bad.stdout()]).toEqual([1, '']);
  expect(bad.stderr()).toContain('code: unknown_table');
});

it('ends quietly with 0 when its reader goes away', async () => {
  const endless = 'SELECT range AS n FROM range(1000000000)';
  const run = startProcess(commandLine(['sql', endless, '-c', config]));
  await run.waitFor('{"n":"1"}\n');
  run.child.stdout.destroy();
  expect([await run.ended, run.stderr()]).toEqual([0, '']);
});

it('streams: a result larger than the heap passes through', async () => {
  const rowCount = process.env.MILLRACE_TEST_FULL ? 3_000_000 : 500_000;
  const rows = `SELECT range AS n, repeat('x', 300) AS t FROM range(${rowCount})`;
  const run = startProcess(commandLine(['sql', rows, '-c', config]), { NODE_OPTIONS: '--max-old-space-size=128' });
  run.child.stdout.removeAllListeners('data');
  let length = 0;
  for await (const chunk of run.child.stdout) length += (chunk as string).length;
  expect([await run.ended, run.stderr()]).toEqual([0, '']);
  expect(length).toBeGreaterThan(300 * rowCount);
});

it('waits for a first load that is put off by chance', async () => {
  const later = host.write(
    'later.yaml',
    `version: v1
datasets:
  - from: counter:1
    name: numbers
    acceleration: { engine: keeper, refresh_jitter_enabled: true, refresh_jitter_max: 2s }
`,
  );
  const run = startProcess(commandLine(['sql', 'SELECT max(n) AS m FROM numbers', '-c', later]));
  expect([await run.ended, run.stdout()]).toEqual([0, '{"m":"999"}\n']);
});

it('ends with 130 at Ctrl-C', async () => {
  const run = startProcess(commandLine(['sql', 'SELECT range AS n FROM range(1000000000)', '-c', config]));
  await run.waitFor('{"n":"1"}\n');
  run.child.kill('SIGINT');
  expect(await run.ended).toBe(130);
  expect(run.stderr()).toBe('cancelled\n');
});

it('says what to do when the host declares a runtime that is not installed', async () => {
  const declaring = host.write('declaring/package.json', '{ "dependencies": { "@millrace/runtime": "^0.1.0" } }');
  const file = host.write('declaring/millrace.yaml', 'version: v1\n');
  // Package managers that start programs may add folders of their own to where packages are looked for.
  const run = startProcess(commandLine(['validate', '-c', file]), { NODE_PATH: '' });
  expect(await run.ended).toBe(1);
  expect(run.stderr()).toContain(`${declaring} declares @millrace/runtime, which is not installed`);
  expect(run.stderr()).toContain('npm install @millrace/runtime');
});
