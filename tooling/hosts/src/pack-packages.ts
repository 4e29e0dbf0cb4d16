import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { pnpmCommand, REPOSITORY } from './repository.ts';
import { runSuccessfully } from './run-command.ts';
import { readTarball, type Tarball } from './tarball.ts';

/** The folders that hold packages which are published. */
const GROUPS = ['packages', 'connectors', 'accelerators'];

/**
 * Packs every published package of the repository, as a release would.
 * @throws Error when one has not been built.
 */
export async function packRepository(target: string): Promise<readonly Tarball[]> {
  const folders = publishedFolders();
  const unbuilt = folders.filter((folder) => !existsSync(path.join(folder, 'dist')));
  if (unbuilt.length > 0)
    throw new Error(
      `not built: ${unbuilt.map((folder) => path.relative(REPOSITORY, folder)).join(', ')}; run pnpm build`,
    );
  const filters = folders.map((folder) => `--filter={${path.relative(REPOSITORY, folder)}}`);
  // Only pnpm applies publishConfig and rewrites ranges of the workspace.
  const command = [...pnpmCommand(), ...filters, 'pack', '--pack-destination', target];
  await runSuccessfully({ command, cwd: REPOSITORY, env: process.env });
  return readTarballs(target);
}

/** Packs packages that are written in plain JavaScript, as their authors would: with npm. */
export async function packWithNpm(folders: readonly string[], target: string): Promise<readonly Tarball[]> {
  const command = ['npm', 'pack', ...folders, '--pack-destination', target, '--ignore-scripts'];
  await runSuccessfully({ command, cwd: target, env: process.env });
  return readTarballs(target);
}

function publishedFolders(): readonly string[] {
  return GROUPS.flatMap((group) =>
    readdirSync(path.join(REPOSITORY, group)).map((name) => path.join(REPOSITORY, group, name)),
  )
    .filter((folder) => existsSync(path.join(folder, 'package.json')))
    .filter((folder) => {
      const manifest = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as {
        readonly private?: boolean;
      };
      return manifest.private !== true;
    });
}

function readTarballs(folder: string): readonly Tarball[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.tgz'))
    .map((name) => readTarball(path.join(folder, name)));
}
