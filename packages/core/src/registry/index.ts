export { type CreateRegistryRequest, createRegistry } from './create-registry.ts';
export { type Diagnostic, type DiagnosticCode, PluginError } from './diagnostic.ts';
export { type DiscoverPluginsOptions, discoverPlugins } from './discover-plugins.ts';
export { findHostRoot } from './find-host-root.ts';
export { type GenerateStaticRegistryOptions, generateStaticRegistry } from './generate-static-registry.ts';
export { detectPackageManager, installCommand, type PackageManager } from './package-manager.ts';
export type { PluginEntry, PluginKind, PluginOf, PluginRegistry, PluginStability } from './plugin-registry.ts';
export { type StaticPlugin, staticRegistry } from './static-registry.ts';
export { type UnknownPlugin, unknownPluginError } from './unknown-plugin-error.ts';
