import { existsSync } from 'node:fs';
import path from 'node:path';
import { readPackageJson } from './package-json.ts';

/** The package managers whose commands can be printed. */
export type PackageManager = 'npm' | 'pnpm' | 'yarn';

const LOCKFILES: readonly (readonly [string, PackageManager])[] = [
  ['pnpm-lock.yaml', 'pnpm'],
  ['yarn.lock', 'yarn'],
  ['package-lock.json', 'npm'],
  ['npm-shrinkwrap.json', 'npm'],
];

/**
 * Tells which package manager a folder uses: by the nearest lockfile or `packageManager` field from there upwards (in a
 * workspace both stand at its root), npm when there is none.
 */
export function detectPackageManager(folder: string): PackageManager {
  for (let current = path.resolve(folder); ; current = path.dirname(current)) {
    const lockfile = LOCKFILES.find(([name]) => existsSync(path.join(current, name)));
    const manager = lockfile?.[1] ?? namedManager(path.join(current, 'package.json'));
    if (manager !== undefined) return manager;
    if (path.dirname(current) === current) return 'npm';
  }
}

/** The command that adds packages (with a range, where given as `name@range`) to a host. */
export function installCommand(manager: PackageManager, packages: readonly string[]): string {
  const quoted = packages.map((name) => (/^[@\w./-]+$/.test(name) ? name : `"${name}"`));
  return `${manager} ${manager === 'npm' ? 'install' : 'add'} ${quoted.join(' ')}`;
}

function namedManager(file: string): PackageManager | undefined {
  if (!existsSync(file)) return undefined;
  try {
    const name = readPackageJson(file).packageManager?.split('@')[0];
    return name === 'npm' || name === 'pnpm' || name === 'yarn' ? name : undefined;
  } catch {
    // A broken package.json has its own diagnostic; here it only fails to name a manager.
    return undefined;
  }
}
