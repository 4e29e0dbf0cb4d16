/** A package as files by relative path. */
type PackageFiles = Readonly<Record<string, string | object>>;

/** What is special about one plugin; the rest is right. */
interface PluginRequest {
  readonly name: string;
  readonly id: string;
  readonly apiVersion?: number;
  /** Text of its module; absent where the module is missing. */
  readonly module?: string;
}

const WORKING_MODULE = `import { defineConnector } from '@millrace/core';

export default defineConnector({ id: 'twin', prefix: 'twin', parameters: [], create: () => ({}) });
`;

/** Published plugins that cannot be used, each for its own reason. */
export const BROKEN_PLUGINS: readonly PackageFiles[] = [
  plugin({ name: 'millrace-connector-throws', id: 'throws', module: "throw new Error('no licence was found');\n" }),
  plugin({ name: 'millrace-connector-future', id: 'future', apiVersion: 99, module: WORKING_MODULE }),
  plugin({ name: 'millrace-connector-unbuilt', id: 'unbuilt' }),
  plugin({ name: 'millrace-connector-twin-one', id: 'twin', module: WORKING_MODULE }),
  plugin({ name: 'millrace-connector-twin-two', id: 'twin', module: WORKING_MODULE }),
];

/** Their names, for a host's dependencies. */
export const BROKEN_DEPENDENCIES: Readonly<Record<string, string>> = {
  'millrace-connector-throws': 'latest',
  'millrace-connector-future': 'latest',
  'millrace-connector-unbuilt': 'latest',
  'millrace-connector-twin-one': 'latest',
  'millrace-connector-twin-two': 'latest',
};

function plugin({ name, id, apiVersion = 1, module }: PluginRequest): PackageFiles {
  return {
    'package.json': {
      name,
      version: '1.0.0',
      type: 'module',
      exports: './index.js',
      dependencies: { '@millrace/core': '>=0.1.0' },
      millrace: {
        manifestVersion: 1,
        apiVersion,
        connectors: [{ id, entry: './index.js', parameters: './parameters.json' }],
      },
    },
    'parameters.json': {
      parametersVersion: 1,
      plugins: [{ kind: 'connector', id, prefix: id, parameters: [] }],
    },
    ...(module === undefined ? {} : { 'index.js': module }),
  };
}
