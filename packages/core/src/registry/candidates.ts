import path from 'node:path';
import type { DiscoverPluginsOptions, Report } from './discover-plugins.ts';
import type { PackageJson } from './package-json.ts';

/** A preset may name a preset, up to this depth. */
const MAX_PRESET_DEPTH = 3;

/** A package that may have a manifest. */
export interface Candidate {
  readonly name: string;
  /** The folder that sees the package: the host's, or that of the preset that names it. */
  readonly from: string;
  /** The package.json that declares it. */
  readonly declaredIn: string;
  /** Whether its absence is an error. */
  readonly isRequired: boolean;
  /** The presets that led here, outermost first. */
  readonly via: readonly string[];
  /** Its package.json, where that is known already. */
  readonly file?: string;
}

/**
 * The packages that a host declares, sorted by name, so that nothing depends on the order of installation. The host itself
 * is the last one: a plugin's own repository, say, sees its own plugin.
 */
export function hostCandidates(request: {
  readonly host: PackageJson;
  readonly hostRoot: string;
  readonly options: DiscoverPluginsOptions;
}): Candidate[] {
  const { host, hostRoot, options } = request;
  const declaredIn = path.join(hostRoot, 'package.json');
  const names = new Map<string, boolean>();
  const add = (table: Iterable<string>, isRequired: boolean) => {
    for (const name of table) if (!names.has(name)) names.set(name, isRequired);
  };
  add(options.extra ?? [], true);
  if (options.mode !== 'explicit') {
    // npm lists an optional dependency under both kinds; its absence is then no error.
    add(Object.keys(host.optionalDependencies ?? {}), false);
    add(Object.keys(host.dependencies ?? {}), true);
    add(Object.keys(host.peerDependencies ?? {}), false);
    if (includesDevDependencies(options)) add(Object.keys(host.devDependencies ?? {}), false);
  }
  const candidates = [...names]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, isRequired]): Candidate => ({ name, from: hostRoot, declaredIn, isRequired, via: [] }));
  if (options.mode === 'explicit' || host.millrace === undefined) return candidates;
  const self: Candidate = {
    name: host.name ?? path.basename(hostRoot),
    from: hostRoot,
    declaredIn,
    isRequired: true,
    via: [],
    file: declaredIn,
  };
  return [...candidates, self];
}

/** The packages that a preset brings along: only what it depends on itself, and seen from its own folder. */
export function presetCandidates(request: {
  readonly candidate: Candidate;
  readonly presets: readonly string[];
  readonly packageJson: PackageJson;
  readonly directory: string;
  readonly file: string;
  readonly report: Report;
}): Candidate[] {
  const { candidate, presets, packageJson, directory, file, report } = request;
  if (presets.length === 0) return [];
  const via = [...candidate.via, candidate.name];
  if (via.length > MAX_PRESET_DEPTH) {
    report({
      code: 'preset_depth',
      severity: 'error',
      file,
      message: `presets are nested more than ${MAX_PRESET_DEPTH} deep: ${via.join(' > ')}`,
      fix: 'Depend on the inner packages directly',
    });
    return [];
  }
  const declared = {
    ...packageJson.dependencies,
    ...packageJson.optionalDependencies,
    ...packageJson.peerDependencies,
  };
  return presets.flatMap((name) => {
    if (Object.hasOwn(declared, name)) return [{ name, from: directory, declaredIn: file, isRequired: true, via }];
    report({
      code: 'preset_undeclared',
      severity: 'error',
      file,
      message: `the preset names ${name}, which is not among its dependencies`,
      fix: `Add ${name} to the dependencies of ${candidate.name}`,
    });
    return [];
  });
}

function includesDevDependencies({ devDependencies }: DiscoverPluginsOptions): boolean {
  return devDependencies === undefined ? process.env.NODE_ENV !== 'production' : devDependencies === 'include';
}
