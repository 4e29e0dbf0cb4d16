import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));

test('the demo answers federated and accelerated alike', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--import=tsx', MAIN]);
  expect(stdout).toContain('1,200,000 order lines');
  expect(stdout).toMatch(/lines_2023: native relation/);
  expect(stdout).toMatch(/filter \(exact\): placed >= /);
  expect(stdout).toMatch(/lines_2023: in place/);
  expect(stdout).toMatch(/Equal answers/);
}, 180_000);
