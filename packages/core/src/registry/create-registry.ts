import { type AcceleratorPlugin, API_VERSION, type ConnectorPlugin, PLUGIN_BRAND, type Plugin } from '../define.ts';
import { MillraceError } from '../error.ts';
import { assembleRegistry } from './assemble-registry.ts';
import type { PluginEntry, PluginKind, PluginOf, PluginRegistry } from './plugin-registry.ts';

/** Plugins that the host imported itself. */
export interface CreateRegistryRequest {
  readonly connectors?: readonly ConnectorPlugin[];
  readonly accelerators?: readonly AcceleratorPlugin[];
}

/**
 * Makes a registry of plugin objects, without discovery: for bundled applications, libraries and tests.
 *
 * @throws MillraceError `invalid_argument` for an object that is not a plugin of this API version and kind, or an id given twice.
 */
export function createRegistry(request: CreateRegistryRequest): PluginRegistry {
  const entries = [
    ...(request.connectors ?? []).map((plugin) => objectEntry('connector', plugin)),
    ...(request.accelerators ?? []).map((plugin) => objectEntry('accelerator', plugin)),
  ];
  const registry = assembleRegistry({ entries, diagnostics: [] });
  const duplicate = registry.diagnostics.find(({ code }) => code === 'duplicate_id');
  if (duplicate === undefined) return registry;
  throw new MillraceError({
    code: 'invalid_argument',
    component: 'plugin registry',
    message: duplicate.message,
    hint: 'Pass each plugin once',
  });
}

function objectEntry<Kind extends PluginKind>(kind: Kind, plugin: Plugin): PluginEntry<Kind> {
  if (plugin?.[PLUGIN_BRAND] !== API_VERSION || plugin.kind !== kind)
    throw new MillraceError({
      code: 'invalid_argument',
      component: 'plugin registry',
      message: `an object in the list of ${kind}s is not a ${kind} of API version ${API_VERSION}`,
      hint: 'Pass what defineConnector or defineAccelerator returned, each in its own list',
    });
  return {
    kind,
    id: plugin.id,
    aliases: [],
    package: '(given by the host)',
    version: '0.0.0',
    specifier: '.',
    export: 'default',
    stability: 'stable',
    capabilities: {},
    prefix: async () => plugin.prefix,
    parameters: async () => plugin.parameters,
    load: async () => plugin as PluginOf<Kind>,
  };
}
