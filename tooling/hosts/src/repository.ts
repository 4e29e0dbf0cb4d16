import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the repository, absolute. */
export const REPOSITORY: string = fileURLToPath(new URL('../../..', import.meta.url)).replace(/[\\/]$/, '');

/** The folder of the packages that tests publish beside our own. */
export const FIXTURES: string = path.join(REPOSITORY, 'tooling/hosts/fixtures');

/** The command that runs the repository's own version of pnpm. */
export function pnpmCommand(): readonly string[] {
  const { packageManager } = JSON.parse(readFileSync(path.join(REPOSITORY, 'package.json'), 'utf8')) as {
    readonly packageManager: string;
  };
  return ['npx', '-y', packageManager];
}
