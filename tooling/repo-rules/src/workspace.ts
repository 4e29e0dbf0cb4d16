import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the repository, absolute. */
export const REPOSITORY: string = fileURLToPath(new URL('../../..', import.meta.url)).replace(/[\\/]$/, '');

/** The members of a package.json that the rules look at. */
export interface PackageJson {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly description?: string;
  readonly license?: string;
  readonly type?: string;
  readonly sideEffects?: boolean;
  readonly engines?: Readonly<Record<string, string>>;
  readonly keywords?: readonly string[];
  readonly bin?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly imports?: Readonly<Record<string, unknown>>;
  readonly files?: readonly string[];
  readonly scripts?: Readonly<Record<string, string>>;
  readonly publishConfig?: {
    readonly access?: string;
    readonly provenance?: boolean;
    readonly exports?: Readonly<Record<string, unknown>>;
    readonly imports?: Readonly<Record<string, unknown>>;
  };
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly millrace?: unknown;
}

const GROUPS = ['accelerators', 'connectors', 'examples', 'packages', 'tooling'] as const;

/** The kind of a package, which is the folder above it. */
export type PackageGroup = (typeof GROUPS)[number];

/** One package of the workspace. */
export interface WorkspacePackage {
  readonly group: PackageGroup;
  /** Name of its folder. */
  readonly folderName: string;
  /** From the repository's folder, with forward slashes. */
  readonly folder: string;
  readonly json: PackageJson;
}

/** All packages of the workspace, in the order of their folders. */
export const PACKAGES: readonly WorkspacePackage[] = GROUPS.filter(fileExists).flatMap((group) =>
  readdirSync(path.join(REPOSITORY, group))
    .sort()
    .map((folderName) => ({ group, folderName, folder: `${group}/${folderName}` }))
    .filter(({ folder }) => fileExists(`${folder}/package.json`))
    .map((place) => ({ ...place, json: readJson(`${place.folder}/package.json`) })),
);

/** The packages that are published. */
export const PUBLISHED: readonly WorkspacePackage[] = PACKAGES.filter(({ json }) => json.private !== true);

/** All committed files that exist, from the repository's folder. */
export function committedFiles(): readonly string[] {
  const output = execFileSync('git', ['ls-files', '-z'], { cwd: REPOSITORY, encoding: 'utf8' });
  return output.split('\0').filter((file) => file !== '' && existsSync(path.join(REPOSITORY, file)));
}

/** The text of a file, named from the repository's folder. */
export function readText(file: string): string {
  return readFileSync(path.join(REPOSITORY, file), 'utf8');
}

/** Whether a file exists, named from the repository's folder. */
export function fileExists(file: string): boolean {
  return existsSync(path.join(REPOSITORY, file));
}

function readJson(file: string): PackageJson {
  return JSON.parse(readText(file)) as PackageJson;
}
