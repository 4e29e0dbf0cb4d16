import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createProcessFolder, processFolderPrefix, removeAbandonedFolders } from './process-folder.ts';

describe('a folder of the process', () => {
  it('is there until it is removed, which may be said twice', async () => {
    const folder = await createProcessFolder('spill');
    expect(basename(folder.path).startsWith(processFolderPrefix('spill', process.pid))).toBe(true);
    writeFileSync(join(folder.path, 'rows'), 'x');
    await folder.remove();
    await folder.remove();
    expect(existsSync(folder.path)).toBe(false);
  });

  it('goes with the process that ends without removing it', () => {
    const script = `const { createProcessFolder } = await import(${JSON.stringify(new URL('./process-folder.ts', import.meta.url))});
      process.stdout.write((await createProcessFolder('spill')).path);`;
    const { stdout } = spawnSync(process.execPath, ['--import=tsx', '--input-type=module', '-e', script]);
    expect(basename(String(stdout))).toMatch(/^millrace-spill-/);
    expect(existsSync(String(stdout))).toBe(false);
  });

  it('is removed by a later process when its own was killed', async () => {
    const { pid: gone } = spawnSync(process.execPath, ['-e', '']);
    const [abandoned, own, foreign] = [
      join(tmpdir(), `${processFolderPrefix('rows', gone)}abcdef`),
      join(tmpdir(), `${processFolderPrefix('rows', process.pid)}abcdef`),
      join(tmpdir(), `millrace-rows-another_host-${gone}-abcdef`),
    ];
    for (const folder of [abandoned, own, foreign]) mkdirSync(folder);
    writeFileSync(join(abandoned, 'rows.sqlite'), 'x');
    try {
      await removeAbandonedFolders();
      expect([abandoned, own, foreign].map((folder) => existsSync(folder))).toEqual([false, true, true]);
    } finally {
      for (const folder of [own, foreign]) rmSync(folder, { recursive: true });
    }
  });
});
