import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadRuntimeModule } from './runtime-module.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-runtime-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function declare(table: string): void {
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ [table]: { '@millrace/runtime': '^0.1.0' } }));
}

function install(): void {
  const target = join(folder, 'node_modules/@millrace/runtime');
  mkdirSync(target, { recursive: true });
  const manifest = {
    name: '@millrace/runtime',
    type: 'module',
    exports: { '.': { types: './x.d.ts', default: './own.js' } },
  };
  writeFileSync(join(target, 'package.json'), JSON.stringify(manifest));
  writeFileSync(join(target, 'own.js'), 'export const own = true;');
}

it.each(['dependencies', 'devDependencies'])('takes the runtime that the host has among its %s', async (table) => {
  declare(table);
  install();
  expect(await loadRuntimeModule(folder)).toMatchObject({ own: true });
});

it('takes its own where the host declares none, even if one lies there', async () => {
  install();
  expect(await loadRuntimeModule(folder)).toHaveProperty('createRuntime');
  declare('scripts');
  expect(await loadRuntimeModule(folder)).toHaveProperty('createRuntime');
});
