import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createHostFolder, type HostFolder } from './host-folder.ts';
import { builtCore } from './installed-core.ts';

const PACKAGE = fileURLToPath(new URL('..', import.meta.url));
let host: HostFolder;
beforeAll(() => {
  host = createHostFolder();
});
afterAll(() => host.close());

test('the main entry stays below its size limit', () => {
  cpSync(builtCore(host.root), path.join(host.root, 'dist'), { recursive: true });
  cpSync(path.join(PACKAGE, 'package.json'), path.join(host.root, 'package.json'));
  symlinkSync(path.join(PACKAGE, 'node_modules'), path.join(host.root, 'node_modules'));
  const command = path.join(PACKAGE, 'node_modules/.bin/size-limit');
  const output = execFileSync(command, ['--json'], { cwd: host.root, encoding: 'utf8' });
  const [entry] = JSON.parse(output) as [
    { readonly size: number; readonly sizeLimit: number; readonly passed: boolean },
  ];
  expect(entry).toMatchObject({ passed: true, sizeLimit: 10_000 });
  expect(entry.size).toBeGreaterThan(1_000);
});

test('the main entry imports nothing', () => {
  const folder = builtCore(host.root);
  const pending = ['index.js'];
  const seen = new Set<string>();
  for (let file = pending.pop(); file !== undefined; file = pending.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    const text = readFileSync(path.join(folder, file), 'utf8');
    for (const [, specifier] of text.matchAll(/\bfrom\s*["']([^"']+)["']/g)) {
      expect(specifier).toMatch(/^\.\//);
      pending.push(specifier!.slice(2));
    }
  }
  expect(seen.size).toBeGreaterThan(1);
});
