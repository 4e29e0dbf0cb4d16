import { realpathSync } from 'node:fs';
import path from 'node:path';
import { assembleRegistry } from './assemble-registry.ts';
import { type Candidate, hostCandidates, presetCandidates } from './candidates.ts';
import { type ContainedFile, containedFile } from './contained-file.ts';
import type { Diagnostic } from './diagnostic.ts';
import { discoveredEntry } from './discovered-entry.ts';
import { IMPORT_TIMEOUT_MS } from './load-plugin.ts';
import { locatePackage } from './locate-package.ts';
import { type Contribution, readManifest } from './manifest.ts';
import { type PackageJson, PackageJsonTooLarge, readPackageJson } from './package-json.ts';
import type { PluginEntry, PluginRegistry } from './plugin-registry.ts';

/** Where and how to look for plugins. */
export interface DiscoverPluginsOptions {
  /** The folder whose package.json declares the plugins; see `findHostRoot`. */
  readonly hostRoot: string;
  /** `auto` takes every declared dependency, `explicit` only the packages in `extra`. Default `auto`. */
  readonly mode?: 'auto' | 'explicit';
  /** Whether the host's devDependencies count. Default: `include`, unless NODE_ENV is `production`. */
  readonly devDependencies?: 'include' | 'exclude';
  /** When given, only these packages are looked at. */
  readonly allow?: readonly string[];
  /** These packages are not looked at. */
  readonly deny?: readonly string[];
  /** Packages to look at although the host does not declare them. */
  readonly extra?: readonly string[];
  /** Which package provides an id that several contribute: `connector:postgres` → package name. */
  readonly prefer?: Readonly<Record<string, string>>;
  /** How long the import of a plugin may take, in milliseconds. Default 10,000. */
  readonly importTimeoutMs?: number;
}

/**
 * Finds the plugins among a host's declared dependencies, by the manifests in their package.json files.
 *
 * Runs no code of any plugin, and never fails because of one: what is wrong with a package is a diagnostic, and the others
 * are found all the same. Reads the disk synchronously, once; a changed installation needs a new call.
 */
export function discoverPlugins(options: DiscoverPluginsOptions): PluginRegistry {
  const hostRoot = path.resolve(options.hostRoot);
  const hostFile = path.join(hostRoot, 'package.json');
  const diagnostics: Diagnostic[] = [];
  const entries: PluginEntry[] = [];
  const host = readHost(hostFile, diagnostics);
  const queue: Candidate[] = host === undefined ? [] : hostCandidates({ host, hostRoot, options });
  const seen = new Set<string>();
  const declaredCount = queue.length;
  for (let candidate = queue.shift(); candidate !== undefined; candidate = queue.shift()) {
    const report = reporter(candidate, diagnostics);
    if (isExcluded(candidate.name, options)) {
      report({ code: 'not_allowed', severity: 'info', message: 'the package was left out by allow or deny', fix: '' });
      continue;
    }
    const found = openPackage(candidate, report);
    if (found?.packageJson.millrace === undefined || seen.has(found.directory)) continue;
    seen.add(found.directory);
    const manifest = readManifest(found.packageJson.millrace);
    for (const problem of manifest.problems) report({ ...problem, severity: 'error', file: found.file });
    queue.push(...presetCandidates({ candidate, presets: manifest.presets, ...found, report }));
    for (const contribution of manifest.contributions) {
      const entry = openContribution({ contribution, candidate, ...found, hostRoot, report, options });
      if (entry !== undefined) entries.push(entry);
    }
  }
  const registry = assembleRegistry({
    entries,
    diagnostics,
    hostRoot,
    hostFile,
    ...(options.prefer === undefined ? {} : { prefer: options.prefer }),
  });
  return host === undefined ? registry : { ...registry, diagnostics: withSummary(registry, declaredCount) };
}

/** Adds a diagnostic about the candidate at hand. */
export type Report = (finding: Omit<Diagnostic, 'package' | 'file'> & { readonly file?: string }) => void;

function reporter(candidate: Candidate, diagnostics: Diagnostic[]): Report {
  return (finding) => diagnostics.push({ file: candidate.declaredIn, ...finding, package: candidate.name });
}

function isExcluded(name: string, { allow, deny }: DiscoverPluginsOptions): boolean {
  return deny?.includes(name) === true || (allow !== undefined && !allow.includes(name));
}

function readHost(file: string, diagnostics: Diagnostic[]): PackageJson | undefined {
  try {
    return readPackageJson(file);
  } catch (error) {
    diagnostics.push({
      code: 'host_unreadable',
      severity: 'error',
      package: '',
      file,
      message: `the package.json of the host cannot be read: ${messageOf(error)}`,
      fix: 'Name the folder of the application whose dependencies are the plugins',
    });
    return undefined;
  }
}

interface FoundPackage {
  readonly file: string;
  readonly directory: string;
  readonly packageJson: PackageJson;
}

function openPackage(candidate: Candidate, report: Report): FoundPackage | undefined {
  let file: string | undefined;
  try {
    file = candidate.file ?? locatePackage(candidate.name, candidate.from);
    if (file !== undefined)
      return { file, directory: realpathSync(path.dirname(file)), packageJson: readPackageJson(file) };
  } catch (error) {
    if (!isAbsent(error)) {
      const tooLarge = error instanceof PackageJsonTooLarge;
      report({
        code: tooLarge ? 'package_too_large' : 'package_unreadable',
        severity: 'error',
        file: file ?? candidate.declaredIn,
        message: `the package.json of ${candidate.name} cannot be read: ${messageOf(error)}`,
        fix: 'Install the package again',
      });
      return undefined;
    }
  }
  if (candidate.isRequired)
    report({
      code: 'package_not_found',
      severity: 'error',
      message: `${candidate.name} is declared and not installed`,
      fix: 'Run the install command of your package manager',
    });
  return undefined;
}

interface OpenContributionRequest extends FoundPackage {
  readonly contribution: Contribution;
  readonly candidate: Candidate;
  readonly hostRoot: string;
  readonly report: Report;
  readonly options: DiscoverPluginsOptions;
}

function openContribution(request: OpenContributionRequest): PluginEntry | undefined {
  const { contribution, candidate, directory, file, packageJson, hostRoot, report, options } = request;
  const { kind, id } = contribution;
  const entry = containedFile(directory, contribution.entry);
  if (entry.kind !== 'found') {
    report({ ...refusedFile(entry, `${kind} ${id}: entry ${contribution.entry}`), file, contribution: { kind, id } });
    return undefined;
  }
  const parameters =
    contribution.parameters === undefined ? undefined : containedFile(directory, contribution.parameters);
  if (parameters?.kind === 'invalid' || parameters?.kind === 'escapes') {
    const subject = `${kind} ${id}: parameters ${contribution.parameters}`;
    report({ ...refusedFile(parameters, subject), file, contribution: { kind, id } });
    return undefined;
  }
  if (parameters?.kind !== 'found')
    report({
      code: 'parameters_missing',
      severity: 'warning',
      file,
      message: `${kind} ${id}: there is no generated file of parameters, so a configuration is checked only when the plugin is loaded`,
      fix: 'Run millrace-plugin-manifest when the plugin is built, and name the file under "parameters"',
    });
  return discoveredEntry({
    contribution,
    package: candidate.name,
    packageJson,
    directory,
    entry: entry.file,
    parametersFile: parameters?.kind === 'found' ? parameters.file : undefined,
    hostRoot,
    importTimeoutMs: options.importTimeoutMs ?? IMPORT_TIMEOUT_MS,
  });
}

function refusedFile(
  { kind }: Exclude<ContainedFile, { readonly kind: 'found' }>,
  subject: string,
): Pick<Diagnostic, 'code' | 'severity' | 'message' | 'fix'> {
  switch (kind) {
    case 'invalid':
      return {
        code: 'entry_invalid',
        severity: 'error',
        message: `${subject} does not start with "./"`,
        fix: 'Write the path from the folder of the package, starting with "./"',
      };
    case 'escapes':
      return {
        code: 'entry_escapes',
        severity: 'error',
        message: `${subject} lies outside the package`,
        fix: 'Name a file inside the package',
      };
    case 'missing':
      return {
        code: 'entry_missing',
        severity: 'error',
        message: `${subject} does not exist`,
        fix: 'Build the package, or check that "files" in its package.json includes the file',
      };
    default: {
      const unknown: never = kind;
      throw new TypeError(`unknown answer ${String(unknown)}`);
    }
  }
}

function withSummary({ connectors, accelerators, diagnostics, hostFile }: PluginRegistry, count: number): Diagnostic[] {
  const failed = new Set(diagnostics.filter(({ severity }) => severity === 'error').map((finding) => finding.package));
  const summary: Diagnostic = {
    code: 'host_read',
    severity: 'info',
    package: '',
    file: hostFile ?? '',
    message: `read ${count} packages: ${connectors.size} connectors, ${accelerators.size} accelerators, ${failed.size} packages with errors`,
    fix: '',
  };
  return [summary, ...diagnostics];
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
