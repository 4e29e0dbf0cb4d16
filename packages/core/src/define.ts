import type { DataAcceleratorFactory } from './accelerator.ts';
import type { DataConnectorFactory } from './connector.ts';

/** Version of the contracts in this package. A host refuses a plugin of another one, before and after import. */
export const API_VERSION = 1;

/** Marks a loaded object as a plugin. Registered globally, so that any copy of core recognises any other's plugins. */
export const PLUGIN_BRAND: unique symbol = Symbol.for('millrace.plugin');

/** A factory that has passed through {@link defineConnector}. */
export type ConnectorPlugin = DataConnectorFactory & PluginMark<'connector'>;
/** A factory that has passed through {@link defineAccelerator}. */
export type AcceleratorPlugin = DataAcceleratorFactory & PluginMark<'accelerator'>;
/** What a plugin's entry module exports. */
export type Plugin = ConnectorPlugin | AcceleratorPlugin;

/** The mark that a loaded plugin carries. */
export interface PluginMark<Kind extends 'connector' | 'accelerator'> {
  readonly kind: Kind;
  readonly [PLUGIN_BRAND]: number;
}

/** Marks a connector factory as a plugin of this API version. The result is what the entry module exports. */
export function defineConnector(factory: DataConnectorFactory): ConnectorPlugin {
  return { ...factory, kind: 'connector', [PLUGIN_BRAND]: API_VERSION };
}

/** Marks an accelerator factory as a plugin of this API version. The result is what the entry module exports. */
export function defineAccelerator(factory: DataAcceleratorFactory): AcceleratorPlugin {
  return { ...factory, kind: 'accelerator', [PLUGIN_BRAND]: API_VERSION };
}
