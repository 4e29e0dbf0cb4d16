import { realpathSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Plugin } from '../define.ts';
import { isMillraceError } from '../error.ts';
import { containedFile } from '../registry/contained-file.ts';
import { loadPlugin } from '../registry/load-plugin.ts';
import { type Contribution, readManifest } from '../registry/manifest.ts';
import { readPackageJson } from '../registry/package-json.ts';
import { type ParameterTable, parameterTableOf } from '../registry/parameter-table.ts';
import { checkExports } from './check-exports.ts';
import { checkParameters } from './check-parameters.ts';

/** What the check of a built plugin package found. */
export interface PluginPackageReport {
  /** Mistakes, one sentence each; empty when the package may be published. */
  readonly problems: readonly string[];
  /** The tables of parameters to write, by file (from the package's folder). */
  readonly parameterFiles: ReadonlyMap<string, readonly ParameterTable[]>;
}

/**
 * Compares the manifest of a built package with what its modules export: every entry is imported, and kind, id, export,
 * aliases, exported subpath and parameters must agree. Writes nothing.
 *
 * @throws the file system's error or a SyntaxError when there is no readable package.json.
 */
export async function checkPluginPackage(folder: string): Promise<PluginPackageReport> {
  const directory = realpathSync(folder);
  const packageJson = readPackageJson(path.join(directory, 'package.json'));
  const manifest = readManifest(packageJson.millrace);
  const problems = manifest.problems.map(({ message }) => message);
  if (manifest.problems.length === 0 && manifest.contributions.length + manifest.presets.length === 0)
    problems.push('the manifest contributes nothing');
  problems.push(...checkNames(manifest.contributions));
  const parameterFiles = new Map<string, ParameterTable[]>();
  for (const contribution of manifest.contributions) {
    const subject = `${contribution.kind} ${contribution.id}`;
    const add = (mistakes: readonly string[]) => problems.push(...mistakes.map((mistake) => `${subject}: ${mistake}`));
    add(checkExports(packageJson, contribution));
    const loaded = await load(directory, packageJson.name ?? folder, contribution);
    if (typeof loaded === 'string') {
      add([loaded]);
      continue;
    }
    add(checkParameters(loaded));
    const file = contribution.parameters;
    if (file === undefined) add(['"parameters" is missing; write "./dist/parameters.json"']);
    else if (isOutside(directory, file)) add([`parameters ${file} does not lie inside the package`]);
    else parameterFiles.set(file, [...(parameterFiles.get(file) ?? []), parameterTableOf(loaded)]);
  }
  return { problems, parameterFiles };
}

function checkNames(contributions: readonly Contribution[]): string[] {
  const problems: string[] = [];
  const taken = new Set<string>();
  for (const { kind, id } of contributions) {
    if (taken.has(`${kind}:${id}`)) problems.push(`${kind} ${id} is contributed twice`);
    taken.add(`${kind}:${id}`);
  }
  for (const { kind, id, aliases } of contributions) {
    for (const alias of aliases) {
      if (taken.has(`${kind}:${alias}`)) problems.push(`${kind} ${id}: the alias ${alias} is taken`);
      taken.add(`${kind}:${alias}`);
    }
  }
  return problems;
}

async function load(directory: string, packageName: string, contribution: Contribution): Promise<Plugin | string> {
  const entry = containedFile(directory, contribution.entry);
  if (entry.kind !== 'found') return `entry ${contribution.entry} ${PLACES[entry.kind]}`;
  try {
    return await loadPlugin({
      origin: {
        kind: contribution.kind,
        id: contribution.id,
        package: packageName,
        version: '',
        export: contribution.export,
        directory,
        file: contribution.entry,
        libraries: new Map(),
      },
      importModule: () => import(/* @vite-ignore */ pathToFileURL(entry.file).href),
    });
  } catch (error) {
    if (isMillraceError(error)) return error.reason;
    throw error;
  }
}

const PLACES = {
  invalid: 'does not start with "./"',
  escapes: 'lies outside the package',
  missing: 'does not exist; build the package first',
} as const;

function isOutside(directory: string, file: string): boolean {
  const kind = containedFile(directory, file).kind;
  return kind === 'invalid' || kind === 'escapes';
}
