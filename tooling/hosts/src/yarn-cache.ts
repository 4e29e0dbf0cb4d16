import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { REPOSITORY } from './repository.ts';

/** How long a test run may need the packages that it packed. */
const MAX_RUN_MS = 60 * 60 * 1_000;

/**
 * The folder in which Yarn keeps what it downloaded for hosts. Packages from outside stay; our own are removed once no
 * test run needs them, because every build of them is another file.
 */
export function openYarnCache(): string {
  const folder = path.join(REPOSITORY, 'tooling/hosts/node_modules/.cache/yarn');
  const archives = path.join(folder, 'cache');
  mkdirSync(folder, { recursive: true });
  for (const name of existsSync(archives) ? readdirSync(archives) : []) {
    const file = path.join(archives, name);
    if (/^(@millrace|millrace)-/.test(name) && Date.now() - statSync(file).mtimeMs > MAX_RUN_MS)
      rmSync(file, { force: true });
  }
  return folder;
}
