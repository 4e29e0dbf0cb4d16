import { createRequire } from 'node:module';
import path from 'node:path';
import { pnpmCommand } from './repository.ts';

/** How hosts are installed and started with one package manager. */
export interface PackageManager {
  readonly name: string;
  /** Configuration files of the host. */
  readonly files: Readonly<Record<string, string>>;
  readonly install: readonly string[];
  /** What stands before `millrace …`. */
  readonly run: readonly string[];
  /** What starts a script. */
  readonly node: readonly string[];
}

const require = createRequire(import.meta.url);
const yarn = [
  process.execPath,
  path.join(path.dirname(require.resolve('@yarnpkg/cli-dist/package.json')), 'bin/yarn.js'),
];

export const npm: PackageManager = {
  name: 'npm',
  files: {},
  install: ['npm', 'install'],
  run: ['npx', '--no-install'],
  node: [process.execPath],
};

export const pnpm: PackageManager = {
  name: 'pnpm',
  files: {},
  install: [...pnpmCommand(), 'install'],
  run: [...pnpmCommand(), 'exec'],
  node: [process.execPath],
};

export const yarnPlugAndPlay: PackageManager = {
  name: "Yarn Plug'n'Play",
  files: {
    'yarn.lock': '',
    '.yarnrc.yml': 'nodeLinker: pnp\n',
  },
  install: [...yarn, 'install'],
  run: yarn,
  node: [...yarn, 'node'],
};
