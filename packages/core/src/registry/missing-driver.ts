import { builtinModules } from 'node:module';
import path from 'node:path';
import { type Diagnostic, PluginError } from './diagnostic.ts';
import { locatePackage } from './locate-package.ts';
import { readPackageJson } from './package-json.ts';
import { detectPackageManager, installCommand } from './package-manager.ts';
import type { PluginEntry } from './plugin-registry.ts';

/** Where an import failed, and what it may have needed. */
export interface MissingDriverRequest {
  readonly cause: unknown;
  /** The plugin's folder, undefined in a static registry. */
  readonly directory: string | undefined;
  /** The libraries that the plugin declares, with their ranges. */
  readonly libraries: ReadonlyMap<string, string>;
}

/**
 * Names the library (with its range, where known) whose absence made an import fail; undefined when the failure was another one.
 *
 * Yarn Plug'n'Play puts the name beside its error's text, Node only into it; where neither does, the declared libraries are looked up.
 */
export function missingDriver({ cause, directory, libraries }: MissingDriverRequest): string | undefined {
  if (!(cause instanceof Error) || !isModuleNotFound(cause)) return undefined;
  const absent = cause.data?.dependencyName ?? packageNamedIn(cause.message) ?? firstAbsent(directory, libraries);
  if (absent === undefined) return undefined;
  const range = libraries.get(absent);
  return range === undefined || range.includes(':') || range === '*' ? absent : `${absent}@${range}`;
}

/**
 * Explains the failure of a plugin that imports its library only when it is used: the `plugin_failed` error with the command
 * that installs the library, or undefined when `cause` is about something else.
 */
export function missingDriverError(request: {
  readonly entry: PluginEntry;
  readonly cause: unknown;
  readonly hostRoot?: string;
}): PluginError | undefined {
  const { entry, cause, hostRoot } = request;
  const { directory, kind, id } = entry;
  const driver = missingDriver({ cause, directory, libraries: declaredLibraries(directory) });
  if (driver === undefined) return undefined;
  const finding = driverMissing({ kind, id, driver, hostRoot });
  return new PluginError({ ...finding, package: entry.package, file: entry.entry ?? entry.package }, cause);
}

/** The part of the diagnostic that says which library to install and how. */
export function driverMissing(request: {
  readonly kind: PluginEntry['kind'];
  readonly id: string;
  readonly driver: string;
  readonly hostRoot: string | undefined;
}): Omit<Diagnostic, 'package' | 'file'> {
  const { kind, id, driver, hostRoot } = request;
  const manager = hostRoot === undefined ? 'npm' : detectPackageManager(hostRoot);
  return {
    code: 'driver_missing',
    severity: 'error',
    message: `the ${kind} ${id} needs the library ${driver}, which is not installed`,
    fix: `Run: ${installCommand(manager, [driver])}`,
    contribution: { kind, id },
  };
}

function declaredLibraries(directory: string | undefined): ReadonlyMap<string, string> {
  if (directory === undefined) return new Map();
  const { dependencies, optionalDependencies, peerDependencies } = readPackageJson(
    path.join(directory, 'package.json'),
  );
  return new Map(Object.entries({ ...peerDependencies, ...optionalDependencies, ...dependencies }));
}

/** The error of Node, or of Yarn Plug'n'Play, for an import that leads nowhere. */
interface ModuleNotFound extends Error {
  readonly data?: { readonly dependencyName?: string };
}

function isModuleNotFound(error: Error & { readonly code?: unknown }): error is ModuleNotFound {
  return error.code === 'ERR_MODULE_NOT_FOUND' || error.code === 'MODULE_NOT_FOUND';
}

/** The package of a bare specifier; a path means that a file of the plugin itself is absent. */
function packageNamedIn(message: string): string | undefined {
  const specifier = /Cannot find (?:package|module) '([^']+)'/.exec(message)?.[1];
  if (specifier === undefined || /^[a-z]:[\\/]/i.test(specifier)) return undefined;
  const name = /^(?:@[\w.-]+\/[\w.-]+|[a-z0-9][\w.-]*)/i.exec(specifier)?.[0];
  return name === undefined || builtinModules.includes(name) ? undefined : name;
}

function firstAbsent(directory: string | undefined, libraries: ReadonlyMap<string, string>): string | undefined {
  if (directory === undefined) return undefined;
  return [...libraries.keys()].find((name) => locatePackage(name, directory) === undefined);
}
