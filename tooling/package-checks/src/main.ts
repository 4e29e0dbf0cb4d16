import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { type PublishedPackage, publishedPackages } from './published-packages.ts';

const root = resolve(import.meta.dirname, '../../..');
const folder = mkdtempSync(join(tmpdir(), 'millrace-packages-'));
let failed = 0;
try {
  const packages = publishedPackages(root);
  for (const published of packages) {
    const problems = await check(published);
    if (problems.length > 0) failed += 1;
    process.stdout.write(`${problems.length === 0 ? 'ok  ' : 'FAIL'} ${published.name}\n`);
    for (const problem of problems) process.stdout.write(`     ${problem}\n`);
  }
  process.stdout.write(`packages: ${packages.length - failed} passed, ${failed} failed\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = failed === 0 ? 0 : 1;

async function check({ directory }: PublishedPackage): Promise<readonly string[]> {
  // Only pnpm applies publishConfig and rewrites workspace ranges, so only its tarballs are what consumers get.
  const packed = execFileSync('pnpm', ['pack', '--json', '--pack-destination', folder], {
    cwd: directory,
    encoding: 'utf8',
  });
  const tarball = resolve(folder, JSON.parse(packed.slice(packed.indexOf('{'))).filename);
  return [...(await runPublint(tarball)), ...runAttw(tarball)];
}

async function runPublint(tarball: string): Promise<readonly string[]> {
  const bytes = readFileSync(tarball);
  const { messages, pkg } = await publint({
    level: 'warning',
    strict: true,
    pack: { tarball: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer },
  });
  return messages.map((message) => `publint: ${formatMessage(message, pkg, { color: false })}`);
}

function runAttw(tarball: string): readonly string[] {
  const attw = resolve(import.meta.dirname, '../node_modules/.bin/attw');
  const { status, stdout, stderr } = spawnSync(attw, [tarball, '--profile', 'esm-only', '--no-color', '--no-emoji'], {
    encoding: 'utf8',
  });
  return status === 0 ? [] : [`attw: ${stdout}${stderr}`.trim()];
}
