import { API_VERSION } from '../define.ts';
import type { Json } from '../json.ts';
import type { DiagnosticCode } from './diagnostic.ts';
import { isRecord } from './package-json.ts';
import type { PluginKind, PluginStability } from './plugin-registry.ts';

/** Shape of the manifest that this host reads; fields that it does not know are ignored. */
export const MANIFEST_VERSION = 1;

const ID = /^[a-z][a-z0-9]*(?:[-.][a-z0-9]+)*$/;
const MAX_CONTRIBUTIONS = 200;
const STABILITIES: readonly string[] = ['alpha', 'beta', 'rc', 'stable'] satisfies readonly PluginStability[];

/** One connector or accelerator of a manifest. */
export interface Contribution {
  readonly kind: PluginKind;
  readonly id: string;
  readonly aliases: readonly string[];
  /** The file to import, from the package's folder, starting with `./`. */
  readonly entry: string;
  readonly specifier: string;
  readonly export: string;
  /** The generated file of parameters, from the package's folder. */
  readonly parameters?: string;
  readonly stability: PluginStability;
  readonly capabilities: Readonly<Record<string, Json>>;
  /** Libraries that the plugin imports at run time, with their version ranges. */
  readonly drivers: ReadonlyMap<string, string>;
  readonly description?: string;
  readonly docs?: string;
}

/** A mistake in a manifest; `id` is set where the rest of the contribution could be read. */
export interface ManifestProblem {
  readonly code: Extract<DiagnosticCode, 'manifest_invalid' | 'manifest_version' | 'api_incompatible'>;
  readonly message: string;
  readonly fix: string;
  readonly contribution?: { readonly kind: PluginKind; readonly id: string };
}

/** What could be read of a manifest; a mistake in one contribution leaves the others. */
export interface Manifest {
  readonly contributions: readonly Contribution[];
  /** Packages whose plugins this package brings along. */
  readonly presets: readonly string[];
  readonly problems: readonly ManifestProblem[];
}

/** Reads the value under `millrace` in a package.json. */
export function readManifest(value: unknown): Manifest {
  const refusal = refuseManifest(value);
  if (refusal !== undefined) return { contributions: [], presets: [], problems: [refusal] };
  const manifest = value as Readonly<Record<string, unknown>>;
  const problems: ManifestProblem[] = [];
  const contributions = (['connector', 'accelerator'] as const).flatMap((kind) =>
    readContributions(kind, manifest[`${kind}s`], problems),
  );
  return { contributions, presets: readPresets(manifest.plugins, problems), problems };
}

function refuseManifest(value: unknown): ManifestProblem | undefined {
  if (!isRecord(value)) return invalid('"millrace" in package.json must be an object');
  const { manifestVersion, apiVersion } = value;
  if (manifestVersion !== MANIFEST_VERSION)
    return {
      code: 'manifest_version',
      message: `the manifest is of version ${JSON.stringify(manifestVersion)}, and this host reads version ${MANIFEST_VERSION}`,
      fix: 'Upgrade @millrace/runtime, or install a version of the plugin that fits',
    };
  if (apiVersion !== API_VERSION && !(Array.isArray(apiVersion) && apiVersion.includes(API_VERSION)))
    return {
      code: 'api_incompatible',
      message: `the plugin implements API version ${JSON.stringify(apiVersion)}, and this host version ${API_VERSION}`,
      fix: `Install a version of the plugin for API version ${API_VERSION}`,
    };
  return undefined;
}

function readContributions(kind: PluginKind, list: unknown, problems: ManifestProblem[]): Contribution[] {
  if (list === undefined) return [];
  if (!Array.isArray(list) || list.length > MAX_CONTRIBUTIONS) {
    problems.push(invalid(`"${kind}s" must be an array of at most ${MAX_CONTRIBUTIONS}`));
    return [];
  }
  return list.flatMap((item: unknown, index) => {
    const place = `${kind}s[${index}]`;
    if (!isRecord(item) || !isPluginId(item.id)) {
      problems.push(invalid(`${place}.id must be lower-case letters and digits, with "-" or "." between them`));
      return [];
    }
    const mistake = mistakeIn(item);
    if (mistake !== undefined) {
      problems.push({ ...invalid(`${place}.${mistake}`), contribution: { kind, id: item.id } });
      return [];
    }
    return [toContribution(kind, item.id, item)];
  });
}

/** Tells whether a value can be a plugin's id or alias. */
export function isPluginId(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 100 && ID.test(value);
}

function mistakeIn(item: Readonly<Record<string, unknown>>): string | undefined {
  const optional = (key: string, isRight: (value: unknown) => boolean) => item[key] === undefined || isRight(item[key]);
  const isText = (value: unknown) => typeof value === 'string';
  if (!isText(item.entry)) return 'entry must be a path that starts with "./"';
  if (!optional('aliases', (value) => Array.isArray(value) && value.every(isPluginId)))
    return 'aliases must be an array of ids';
  if (!optional('specifier', (value) => isText(value) && /^\.(\/[^\s'"`\\]+)?$/.test(String(value))))
    return 'specifier must be "." or an exported subpath that starts with "./"';
  if (!optional('export', (value) => isText(value) && /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(String(value))))
    return 'export must be the name of an export';
  if (!optional('parameters', isText)) return 'parameters must be a path that starts with "./"';
  if (!optional('stability', (value) => STABILITIES.includes(value as string)))
    return `stability must be one of ${STABILITIES.join(', ')}`;
  if (!optional('capabilities', isRecord)) return 'capabilities must be an object';
  if (!optional('drivers', (value) => isRecord(value) && Object.values(value).every(isDriver)))
    return 'drivers must map names to { "range": "…" }';
  return undefined;
}

function isDriver(value: unknown): boolean {
  return typeof value === 'string' || (isRecord(value) && typeof value.range === 'string');
}

function toContribution(kind: PluginKind, id: string, item: Readonly<Record<string, unknown>>): Contribution {
  const drivers = Object.entries((item.drivers ?? {}) as Record<string, string | { readonly range: string }>);
  return {
    kind,
    id,
    aliases: (item.aliases ?? []) as readonly string[],
    entry: item.entry as string,
    specifier: (item.specifier ?? '.') as string,
    export: (item.export ?? 'default') as string,
    stability: (item.stability ?? 'alpha') as PluginStability,
    capabilities: (item.capabilities ?? {}) as Readonly<Record<string, Json>>,
    drivers: new Map(drivers.map(([name, driver]) => [name, typeof driver === 'string' ? driver : driver.range])),
    ...(item.parameters === undefined ? {} : { parameters: item.parameters as string }),
    ...(typeof item.description === 'string' ? { description: item.description } : {}),
    ...(typeof item.docs === 'string' ? { docs: item.docs } : {}),
  };
}

function readPresets(list: unknown, problems: ManifestProblem[]): readonly string[] {
  if (list === undefined) return [];
  if (Array.isArray(list) && list.length <= MAX_CONTRIBUTIONS && list.every((name) => typeof name === 'string'))
    return list;
  problems.push(invalid(`"plugins" must be an array of at most ${MAX_CONTRIBUTIONS} package names`));
  return [];
}

function invalid(message: string): ManifestProblem {
  return {
    code: 'manifest_invalid',
    message,
    fix: 'Correct "millrace" in the package.json of the plugin; @millrace/core/manifest.schema.json describes it',
  };
}
