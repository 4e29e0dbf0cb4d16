import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { type Diagnostic, PluginError } from './diagnostic.ts';
import { loadPlugin, type PluginOrigin } from './load-plugin.ts';
import type { Contribution } from './manifest.ts';
import type { PackageJson } from './package-json.ts';
import { type ParameterTable, readParameterTable } from './parameter-table.ts';
import type { PluginEntry, PluginKind, PluginOf } from './plugin-registry.ts';

/** A contribution whose files were found inside its package. */
export interface LocatedContribution {
  readonly contribution: Contribution;
  /** The name under which the host declares the package. */
  readonly package: string;
  readonly packageJson: PackageJson;
  /** The package's folder, absolute and without links. */
  readonly directory: string;
  /** The file to import, absolute and without links. */
  readonly entry: string;
  /** The generated file of parameters, absolute; undefined where it is absent. */
  readonly parametersFile: string | undefined;
  readonly hostRoot: string;
  readonly importTimeoutMs: number;
}

/** Makes the entry of a plugin that was found on disk. Runs none of its code. */
export function discoveredEntry<Kind extends PluginKind>(located: LocatedContribution): PluginEntry<Kind> {
  const { contribution, directory, entry, packageJson } = located;
  const version = packageJson.version ?? '0.0.0';
  const table = once(() => readTable(located));
  const origin = originOf(located, version);
  const load = once(() =>
    loadPlugin({
      origin,
      importModule: () => import(/* @vite-ignore */ /* webpackIgnore: true */ pathToFileURL(entry).href),
      timeoutMs: located.importTimeoutMs,
    }),
  );
  return {
    kind: contribution.kind as Kind,
    id: contribution.id,
    aliases: contribution.aliases,
    package: located.package,
    version,
    directory,
    entry,
    specifier: contribution.specifier,
    export: contribution.export,
    stability: contribution.stability,
    capabilities: contribution.capabilities,
    ...(contribution.description === undefined ? {} : { description: contribution.description }),
    ...(contribution.docs === undefined ? {} : { docs: contribution.docs }),
    prefix: async () => (await table()).prefix,
    parameters: async () => (await table()).parameters,
    load: async () => (await load()) as PluginOf<Kind>,
  };
}

function originOf(located: LocatedContribution, version: string): PluginOrigin {
  const { contribution, packageJson } = located;
  const declared = {
    ...packageJson.peerDependencies,
    ...packageJson.optionalDependencies,
    ...packageJson.dependencies,
  };
  return {
    kind: contribution.kind,
    id: contribution.id,
    package: located.package,
    version,
    export: contribution.export,
    directory: located.directory,
    file: located.entry,
    hostRoot: located.hostRoot,
    libraries: new Map([...Object.entries(declared), ...contribution.drivers]),
  };
}

async function readTable(located: LocatedContribution): Promise<ParameterTable> {
  const { contribution, parametersFile } = located;
  const { kind, id } = contribution;
  const problem: Pick<Diagnostic, 'severity' | 'package' | 'contribution'> = {
    severity: 'error',
    package: located.package,
    contribution: { kind, id },
  };
  const fix = 'Build the plugin again; millrace-plugin-manifest writes the file';
  if (parametersFile === undefined) {
    const message = 'the package has no generated file of parameters';
    throw new PluginError({ ...problem, code: 'parameters_missing', file: located.directory, message, fix });
  }
  const table = readParameterTable(await readFile(parametersFile, 'utf8'), kind, id);
  if (typeof table !== 'string') return table;
  const message = `the generated file of parameters cannot be used: ${table}`;
  throw new PluginError({ ...problem, code: 'parameters_invalid', file: parametersFile, message, fix });
}

function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
