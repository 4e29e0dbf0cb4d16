import type { AcceleratorPlugin, ConnectorPlugin } from '../define.ts';
import type { Json } from '../json.ts';
import type { ParameterSpec } from '../parameter-spec.ts';
import type { Diagnostic } from './diagnostic.ts';

/** What a plugin contributes. */
export type PluginKind = 'connector' | 'accelerator';

/** The plugin object of a kind. */
export type PluginOf<Kind extends PluginKind> = Kind extends 'connector' ? ConnectorPlugin : AcceleratorPlugin;

/** How far a plugin can be relied on, in its author's words. */
export type PluginStability = 'alpha' | 'beta' | 'rc' | 'stable';

/** A connector or accelerator that is installed. Nothing of its code has run until `load`. */
export interface PluginEntry<Kind extends PluginKind = PluginKind> {
  readonly kind: Kind;
  /** What users write: `from: <id>:…` or `engine: <id>`. */
  readonly id: string;
  /** Other names; where one collides with an id, the id wins. */
  readonly aliases: readonly string[];
  /** The name under which the host declares the package. */
  readonly package: string;
  readonly version: string;
  /** The package's folder, absolute and without links; undefined in a static registry. */
  readonly directory?: string;
  /** The file that `load` imports, absolute; undefined in a static registry. */
  readonly entry?: string;
  /** The exported subpath of the same module (`.` or `./name`), for bundlers. */
  readonly specifier: string;
  /** Name of the module's export that is the plugin. */
  readonly export: string;
  readonly stability: PluginStability;
  /** What the author claims; the conformance kit proves it. */
  readonly capabilities: Readonly<Record<string, Json>>;
  readonly description?: string;
  readonly docs?: string;
  /** Prefix of the plugin's own parameters, from the generated file: no plugin code runs. */
  prefix(): Promise<string>;
  /** The plugin's parameters, from the generated file: no plugin code runs. */
  parameters(): Promise<readonly ParameterSpec[]>;
  /**
   * Imports the plugin and checks that it is what the manifest says. Imported once; a failure is kept, as Node keeps it.
   * @throws PluginError `plugin_failed`; its `diagnostic` says which check failed and what to do.
   */
  load(): Promise<PluginOf<Kind>>;
}

/** The plugins that a host has, however they were found. */
export interface PluginRegistry {
  /** By id, sorted. */
  readonly connectors: ReadonlyMap<string, PluginEntry<'connector'>>;
  /** By id, sorted. */
  readonly accelerators: ReadonlyMap<string, PluginEntry<'accelerator'>>;
  readonly diagnostics: readonly Diagnostic[];
  /** The folder whose dependencies were read. */
  readonly hostRoot?: string;
  /** The package.json that was read. */
  readonly hostFile?: string;
  /** Finds a plugin by id, then by alias. */
  find<Kind extends PluginKind>(kind: Kind, id: string): PluginEntry<Kind> | undefined;
}
