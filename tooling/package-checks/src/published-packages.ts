import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The folders that hold packages which are published. */
const GROUPS = ['packages', 'connectors', 'accelerators'];

/** A package of this repository that is published. */
export interface PublishedPackage {
  readonly name: string;
  /** Absolute. */
  readonly directory: string;
}

/** Every package under the published folders that is not private, by name. */
export function publishedPackages(root: string): readonly PublishedPackage[] {
  const directories = GROUPS.flatMap((group) => readdirSync(join(root, group)).map((name) => join(root, group, name)));
  return directories
    .filter((directory) => existsSync(join(directory, 'package.json')))
    .map((directory) => ({ directory, manifest: JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) }))
    .filter(({ manifest }) => manifest.private !== true)
    .map(({ directory, manifest }) => ({ name: String(manifest.name), directory }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
