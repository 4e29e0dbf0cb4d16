import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createHostFolder, type HostFolder } from './host-folder.ts';
import { type LoopbackRegistry, openRegistry } from './loopback-registry.ts';
import { readTarball, type Tarball } from './tarball.ts';

let folder: HostFolder;
let tarball: Tarball;
let registry: LoopbackRegistry;

beforeAll(async () => {
  folder = createHostFolder();
  folder.write('source/package.json', { name: '@millrace/sample', version: '1.2.3', bin: { sample: './index.js' } });
  folder.write('source/index.js', '#!/usr/bin/env node\n');
  execFileSync('npm', ['pack', './source', '--silent'], { cwd: folder.root });
  tarball = readTarball(path.join(folder.root, 'millrace-sample-1.2.3.tgz'));
  registry = await openRegistry({ tarballs: [tarball], upstream: 'http://upstream.invalid/base' });
});
afterAll(async () => {
  await registry?.close();
  folder?.close();
});

test('a tarball is read with its manifest and checksums', () => {
  expect(tarball).toMatchObject({
    name: '@millrace/sample',
    version: '1.2.3',
    manifest: { bin: { sample: './index.js' } },
  });
  expect(tarball.integrity).toBe(`sha512-${createHash('sha512').update(tarball.bytes).digest('base64')}`);
});

test.each(['@millrace/sample', '@millrace%2fsample', '@millrace%2Fsample'])(
  'a packed package is found as %s',
  async (name) => {
    const response = await fetch(`${registry.url}/${name}`);
    const { versions, ...packument } = (await response.json()) as Readonly<
      Record<string, Readonly<Record<string, unknown>>>
    >;
    expect(packument).toEqual({ name: '@millrace/sample', 'dist-tags': { latest: '1.2.3' } });
    const { dist } = versions!['1.2.3'] as { readonly dist: Readonly<Record<string, string>> };
    const bytes = Buffer.from(await (await fetch(dist.tarball!)).arrayBuffer());
    expect([bytes.equals(tarball.bytes), dist.integrity]).toEqual([true, tarball.integrity]);
  },
);

test.each(['@millrace/other', 'millrace', 'millrace-connector-other', '-/tarballs/0000/x.tgz'])(
  '%s is never asked for outside',
  async (name) => {
    const response = await fetch(`${registry.url}/${name}`, { redirect: 'manual' });
    expect(response.status).toBe(404);
  },
);

test('other packages are fetched from the registry outside', async () => {
  for (const request of ['yaml', '@types%2fnode', 'yaml/-/yaml-2.0.0.tgz']) {
    const response = await fetch(`${registry.url}/${request}`, { redirect: 'manual' });
    expect([response.status, response.headers.get('location')]).toEqual([
      307,
      `http://upstream.invalid/base/${request}`,
    ]);
  }
});
