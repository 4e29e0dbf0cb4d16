import { builtinModules } from 'node:module';
import type { PluginOrigin } from './load-plugin.ts';
import { locatePackage } from './locate-package.ts';

/**
 * Names the library (with its range, where known) whose absence made an import fail; undefined when the failure was another one.
 *
 * Node's error says the name only in its text, and Plug'n'Play words it differently; so the declared libraries are looked up as well.
 */
export function missingDriver(origin: PluginOrigin, cause: unknown): string | undefined {
  if (!(cause instanceof Error) || !isModuleNotFound(cause)) return undefined;
  const named = packageNamedIn(cause.message);
  const absent = named ?? firstAbsent(origin);
  if (absent === undefined) return undefined;
  const range = origin.libraries.get(absent);
  return range === undefined || range.includes(':') || range === '*' ? absent : `${absent}@${range}`;
}

function isModuleNotFound(error: Error & { readonly code?: unknown }): boolean {
  return error.code === 'ERR_MODULE_NOT_FOUND' || error.code === 'MODULE_NOT_FOUND';
}

/** The package of a bare specifier; a path means that a file of the plugin itself is absent. */
function packageNamedIn(message: string): string | undefined {
  const specifier = /Cannot find (?:package|module) '([^']+)'/.exec(message)?.[1];
  const name = specifier === undefined ? undefined : /^(@[\w.-]+\/[\w.-]+|[a-z0-9][\w.-]*)/i.exec(specifier)?.[1];
  return name === undefined || /^[a-z]:[\\/]/i.test(specifier!) || builtinModules.includes(name) ? undefined : name;
}

function firstAbsent({ directory, libraries }: PluginOrigin): string | undefined {
  if (directory === undefined) return undefined;
  return [...libraries.keys()].find((name) => locatePackage(name, directory) === undefined);
}
