import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/index.ts';
import { failureOf } from './load-yaml.ts';

describe('a file that cannot be read', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'millrace-config-')));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('is named from the working folder when it is in there, and in full otherwise', async () => {
    const file = join(folder, 'wrong.yaml');
    await writeFile(file, 'version: v2');
    const before = process.cwd();
    expect((await failureOf(loadConfig({ configPath: file }))).location?.file).toBe(file);
    try {
      process.chdir(folder);
      expect((await failureOf(loadConfig({ configPath: file }))).message).toMatch(/^wrong\.yaml:1:1: /);
      expect((await failureOf(loadConfig({ configPath: './none.yaml' }))).message).toMatch(
        /the file none\.yaml does not/,
      );
    } finally {
      process.chdir(before);
    }
  });

  it.each<[string, string, RegExp, (path: string) => Promise<void>]>([
    ['missing', 'not_found', /the file .*missing does not exist\. Name another/, async () => {}],
    [
      'a folder',
      'invalid_config',
      /a folder is a folder\. Name the file in it\.$/,
      async (path) => void (await mkdir(path)),
    ],
    [
      'a link to itself',
      'io',
      /reading the file .*a link to itself failed with ELOOP\. Check the path and its permissions\.$/,
      (path) => symlink(path, path),
    ],
    [
      'binary',
      'invalid_config',
      /is not text in UTF-8\. Name a YAML file\.$/,
      (path) => writeFile(path, Uint8Array.of(0x50, 0xff, 0xfe)),
    ],
  ])('%s', async (name, code, message, prepare) => {
    const configPath = join(folder, name);
    await prepare(configPath);
    const failure = await failureOf(loadConfig({ configPath }));
    expect(failure.code).toBe(code);
    expect(failure.message).toMatch(message);
  });
});
