import { existsSync } from 'node:fs';
import path from 'node:path';

/**
 * Finds the folder whose dependencies are the host's plugins: the nearest one with a package.json, from the folder `from`
 * (that of the configuration file) upwards; undefined when there is none.
 *
 * Never starts from core's own place or from the running script: both are wrong in global installs, test runners and bundles.
 */
export function findHostRoot(from: string): string | undefined {
  let folder = path.resolve(from);
  while (!existsSync(path.join(folder, 'package.json'))) {
    const parent = path.dirname(folder);
    if (parent === folder) return undefined;
    folder = parent;
  }
  return folder;
}
