import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const PACKAGE = fileURLToPath(new URL('..', import.meta.url));

/**
 * Puts core into `<folder>/node_modules/@millrace/core` as an installation would: built files, published exports. Takes the
 * package's build when it is newer than the sources, and otherwise builds into the folder.
 */
export function installCore(folder: string): string {
  const target = path.join(folder, 'node_modules/@millrace/core');
  mkdirSync(target, { recursive: true });
  const manifest = JSON.parse(readFileSync(path.join(PACKAGE, 'package.json'), 'utf8'));
  const published = { ...manifest, exports: manifest.publishConfig.exports };
  writeFileSync(path.join(target, 'package.json'), JSON.stringify(published));
  cpSync(builtCore(folder), path.join(target, 'dist'), { recursive: true });
  cpSync(path.join(PACKAGE, 'bin'), path.join(target, 'bin'), { recursive: true });
  return target;
}

/** The folder of built files: the package's own when they are up to date, otherwise a fresh build below `folder`. */
export function builtCore(folder: string): string {
  const own = path.join(PACKAGE, 'dist');
  const declarations = path.join(own, 'index.d.ts');
  if (existsSync(declarations) && statSync(declarations).mtimeMs > newestSource(path.join(PACKAGE, 'src'))) return own;
  const fresh = path.join(folder, 'build');
  const tsup = path.join(PACKAGE, 'node_modules/.bin/tsup');
  if (!existsSync(fresh)) execFileSync(tsup, ['--silent', '--out-dir', fresh], { cwd: PACKAGE, stdio: 'inherit' });
  return fresh;
}

function newestSource(folder: string): number {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.test.ts'))
    .reduce((newest, entry) => Math.max(newest, statSync(path.join(entry.parentPath, entry.name)).mtimeMs), 0);
}
