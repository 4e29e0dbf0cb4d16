import type { Json } from '../json.ts';
import type { ParameterSpec } from '../parameter-spec.ts';
import { assembleRegistry } from './assemble-registry.ts';
import { loadPlugin } from './load-plugin.ts';
import type { PluginEntry, PluginKind, PluginOf, PluginRegistry, PluginStability } from './plugin-registry.ts';

/** One plugin of a generated registry: its manifest and its parameters as data, and how to import it. */
export interface StaticPlugin {
  readonly kind: PluginKind;
  readonly id: string;
  readonly aliases?: readonly string[];
  readonly package: string;
  readonly version: string;
  readonly specifier: string;
  readonly export: string;
  readonly stability: PluginStability;
  readonly capabilities?: Readonly<Record<string, Json>>;
  readonly prefix: string;
  readonly parameters: readonly ParameterSpec[];
  /** Imports the module by a literal specifier, which a bundler follows. */
  readonly load: () => Promise<unknown>;
}

/** Makes a registry of what `generateStaticRegistry` wrote. Nothing is read from disk, and plugins load on first use. */
export function staticRegistry(plugins: readonly StaticPlugin[]): PluginRegistry {
  return assembleRegistry({ entries: plugins.map(staticEntry), diagnostics: [] });
}

function staticEntry(plugin: StaticPlugin): PluginEntry {
  const { kind, id, version, specifier } = plugin;
  let loading: Promise<PluginOf<PluginKind>> | undefined;
  return {
    kind,
    id,
    aliases: plugin.aliases ?? [],
    package: plugin.package,
    version,
    specifier,
    export: plugin.export,
    stability: plugin.stability,
    capabilities: plugin.capabilities ?? {},
    prefix: async () => plugin.prefix,
    parameters: async () => plugin.parameters,
    load: () => {
      loading ??= loadPlugin({
        origin: {
          kind,
          id,
          version,
          package: plugin.package,
          export: plugin.export,
          file: moduleSpecifier(plugin.package, specifier),
          libraries: new Map(),
        },
        importModule: plugin.load,
      });
      return loading;
    },
  };
}

/** The specifier by which a host imports an exported subpath (`.` or `./name`) of a package. */
export function moduleSpecifier(packageName: string, subpath: string): string {
  return `${packageName}${subpath.slice(1)}`;
}
