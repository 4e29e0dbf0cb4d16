import { MillraceError, type SourceLocation } from '../error.ts';
import { nearestName } from '../nearest-name.ts';
import { type Diagnostic, PluginError } from './diagnostic.ts';
import { detectPackageManager, installCommand } from './package-manager.ts';
import type { PluginKind, PluginRegistry } from './plugin-registry.ts';

const FIRST_PARTY: Readonly<Record<PluginKind, readonly string[]>> = {
  connector: ['duckdb', 'file', 'memory', 'mysql', 'postgres', 's3', 'sqlite'],
  accelerator: ['arrow', 'duckdb', 'postgres', 'sqlite'],
};

/** A plugin that was asked for and is not in the registry. */
export interface UnknownPlugin {
  readonly kind: PluginKind;
  readonly id: string;
  readonly registry: PluginRegistry;
  /** What asked for it, for example `dataset orders`. Default: the kind and the id. */
  readonly component?: string;
  readonly location?: SourceLocation;
}

/**
 * The error for an id that is not in the registry: `plugin_failed` when it is known why, otherwise `unknown_connector` or
 * `unknown_accelerator`, with the installed ones, the nearest name, the command that installs a known one, the package.json
 * that was read, and the packages that failed (the usual cause).
 */
export function unknownPluginError(request: UnknownPlugin): MillraceError {
  const { kind, id, registry, component = `${kind} ${id}`, location } = request;
  const reason = registry.diagnostics.find(
    ({ severity, contribution }) => severity === 'error' && contribution?.kind === kind && contribution.id === id,
  );
  if (reason !== undefined) return new PluginError(reason);
  const installed = [...(kind === 'connector' ? registry.connectors : registry.accelerators).keys()];
  const list = installed.length === 0 ? `no ${kind} is installed` : `installed: ${installed.join(', ')}`;
  return new MillraceError({
    code: kind === 'connector' ? 'unknown_connector' : 'unknown_accelerator',
    component,
    ...(location === undefined ? {} : { location }),
    message: `there is no ${kind} ${id}; ${list}`,
    hint: [...suggestions(request, installed), ...origins(registry)].join(' '),
  });
}

function suggestions({ kind, id, registry }: UnknownPlugin, installed: readonly string[]): string[] {
  const known = FIRST_PARTY[kind];
  const nearest = known.includes(id) ? id : nearestName(id, [...installed, ...known]);
  if (nearest === undefined) return [`Install a package that provides the ${kind} ${id}.`];
  const meant = nearest === id ? [] : [`Did you mean ${nearest}?`];
  if (installed.includes(nearest)) return meant;
  const manager = detectPackageManager(registry.hostRoot ?? process.cwd());
  return [...meant, `Install it: ${installCommand(manager, [`@millrace/${kind}-${nearest}`])}.`];
}

function origins({ hostFile, diagnostics }: PluginRegistry): string[] {
  const failed = diagnostics
    .filter(({ severity }) => severity === 'error')
    .map((finding: Diagnostic) => `${finding.package || finding.file} [${finding.code}]`);
  return [
    ...(hostFile === undefined ? [] : [`Plugins come from the dependencies in ${hostFile}.`]),
    ...(failed.length === 0 ? [] : [`Packages that failed: ${[...new Set(failed)].join(', ')}.`]),
  ];
}
