import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { runCommand, runSuccessfully } from './run-command.ts';

function nodeCommand(script: string): {
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
} {
  return { command: [process.execPath, '-e', script], cwd: tmpdir(), env: process.env };
}

test('a command that fails leaves its output and its exit code', async () => {
  const outcome = await runCommand(nodeCommand("console.log('out'); console.error('err'); process.exitCode = 3"));
  expect(outcome).toEqual({ exitCode: 3, stdout: 'out\n', stderr: 'err\n' });
});

test('a command that has to succeed rejects with its output', async () => {
  await expect(runSuccessfully(nodeCommand("console.error('why'); process.exitCode = 1"))).rejects.toThrow(
    /ended with 1\n\n?why/,
  );
});

test('a command that hangs is ended together with what it started', async () => {
  const script = `
    const { spawn } = require('node:child_process');
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' });
    console.log('child ' + child.pid);`;
  let child: string | undefined;
  // A busy machine may not come to start the child in that time; a longer one is tried then.
  for (let timeoutMs = 1_000; child === undefined && timeoutMs < 100_000; timeoutMs *= 3) {
    const failure = await runCommand({ ...nodeCommand(script), timeoutMs }).catch((error: Error) => error.message);
    expect(failure).toContain(`took longer than ${timeoutMs} ms`);
    [, child] = /ms\nchild (\d+)/.exec(String(failure)) ?? [];
  }
  expect(Number(child)).toBeGreaterThan(0);
  await expect.poll(() => isRunning(Number(child))).toBe(false);
});

test('a program that does not exist rejects', async () => {
  await expect(runCommand({ command: ['millrace-no-such-program'], cwd: tmpdir(), env: {} })).rejects.toThrow('ENOENT');
});

function isRunning(pid: number): boolean {
  try {
    // Signal 0 asks whether the process is there; one that waits for its parent to take its exit code is not.
    process.kill(pid, 0);
    return !/\bZ\b/.test(execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }));
  } catch {
    return false;
  }
}
