import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { main } from '../src/plugin-manifest/main.ts';
import { discoverPlugins } from '../src/registry/index.ts';
import { connectorManifest, createHostFolder, type HostFolder } from './host-folder.ts';

let host: HostFolder;
let errors: string[];
beforeEach(() => {
  host = createHostFolder();
  errors = [];
  vi.spyOn(console, 'error').mockImplementation((line: string) => void errors.push(line));
});
afterEach(() => {
  vi.restoreAllMocks();
  host.close();
});

const HOST_PARAMETER = { name: 'host', kind: 'connector', type: 'string', description: 'Server.', required: true };

function plugin(
  changes: { readonly manifest?: object; readonly packageJson?: object; readonly members?: object } = {},
): void {
  host.write('package.json', {
    name: 'plugin',
    version: '1.0.0',
    type: 'module',
    exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' }, './package.json': './package.json' },
    files: ['dist'],
    millrace: connectorManifest('x', {
      entry: './dist/index.js',
      parameters: './dist/parameters.json',
      aliases: ['ex'],
      export: 'xConnector',
      ...changes.manifest,
    }),
    ...changes.packageJson,
  });
  const members = { kind: 'connector', id: 'x', prefix: 'x', parameters: [HOST_PARAMETER], ...changes.members };
  host.write(
    'dist/index.js',
    `export const xConnector = { [Symbol.for('millrace.plugin')]: 1, ...${JSON.stringify(members)}, create() {} };`,
  );
}

test('the parameters of a built plugin are written where discovery reads them', async () => {
  plugin();
  expect(await main([host.root])).toBe(0);
  expect(errors).toEqual([]);
  const written = JSON.parse(readFileSync(path.join(host.root, 'dist/parameters.json'), 'utf8'));
  expect(written).toEqual({
    parametersVersion: 1,
    plugins: [{ kind: 'connector', id: 'x', prefix: 'x', parameters: [HOST_PARAMETER] }],
  });
  const registry = discoverPlugins({ hostRoot: host.root });
  expect(registry.diagnostics.map(({ code }) => code)).toEqual(['host_read']);
  expect(await registry.find('connector', 'ex')!.parameters()).toEqual([HOST_PARAMETER]);
});

test('two contributions may share a file of parameters', async () => {
  const { connectors, ...versions } = connectorManifest('x') as { readonly connectors: readonly object[] };
  const contribution = { entry: './dist/index.js', parameters: './dist/parameters.json' };
  plugin({
    packageJson: {
      millrace: {
        ...versions,
        connectors: [{ ...connectors[0], ...contribution, export: 'xConnector' }],
        accelerators: [{ id: 'fast', ...contribution, export: 'fast' }],
      },
    },
  });
  const module = readFileSync(path.join(host.root, 'dist/index.js'), 'utf8');
  const fast = module.replace('xConnector', 'fast').replaceAll('"connector"', '"accelerator"').replace('"x"', '"fast"');
  host.write('dist/index.js', `${module}\n${fast}`);
  expect(await main([host.root])).toBe(0);
  const registry = discoverPlugins({ hostRoot: host.root });
  expect(await registry.accelerators.get('fast')!.prefix()).toBe('x');
  expect(await registry.connectors.get('x')!.prefix()).toBe('x');
});

const parameters = (...changes: object[]) => ({
  members: { parameters: changes.map((change) => ({ ...HOST_PARAMETER, required: false, ...change })) },
});

test.each<[string, Parameters<typeof plugin>[0], string]>([
  ['no manifest', { packageJson: { millrace: undefined } }, '"millrace" in package.json must be an object'],
  ['an empty manifest', { packageJson: { millrace: { manifestVersion: 1, apiVersion: 1 } } }, 'contributes nothing'],
  ['another id', { members: { id: 'y' } }, 'connector x: the module calls itself y, and the manifest says x'],
  ['another export', { manifest: { export: 'default' } }, 'connector x: ./dist/index.js has no export default'],
  ['another kind', { members: { kind: 'accelerator' } }, 'the module is of kind accelerator'],
  ['no entry', { manifest: { entry: './dist/no.js' } }, 'entry ./dist/no.js does not exist; build the package first'],
  ['an escaping entry', { manifest: { entry: './../x.js' } }, 'entry ./../x.js lies outside the package'],
  ['its id as alias', { manifest: { aliases: ['x'] } }, 'connector x: the alias x is taken'],
  ['another specifier', { manifest: { specifier: './x' } }, 'the package does not export the specifier ./x'],
  ['a specifier elsewhere', { packageJson: { exports: './src/index.js' } }, 'leads to ./src/index.js'],
  ['narrow files', { packageJson: { files: ['lib'] } }, '"files" in package.json does not include ./dist/index.js'],
  ['no parameters', { manifest: { parameters: undefined } }, '"parameters" is missing'],
  ['escaping parameters', { manifest: { parameters: './../p.json' } }, 'does not lie inside the package'],
  ['a bad prefix', { members: { prefix: 'X-' } }, 'the prefix must be snake_case'],
  ['no list', { members: { parameters: {} } }, 'parameters must be an array'],
  ['a bad parameter', parameters({ type: 'text' }), 'parameter host: there is no type "text"'],
  ['a parameter twice', parameters({}, {}), 'parameter x_host is specified twice'],
  ['a foreign parameter', parameters({ kind: 'accelerator' }), 'kind must be connector or runtime'],
  ['a bad default', parameters({ type: 'integer', default: 'x' }), 'parameter x_host: the default is not valid'],
  ['a useless default', parameters({ required: true, default: 'x' }), 'has no use for a default'],
  ['a bad example', parameters({ oneOf: ['a'], examples: ['b'] }), 'parameter x_host: an example is not valid'],
])('a package with %s is refused, and nothing is written', async (_, changes, message) => {
  plugin(changes);
  expect(await main([host.root])).toBe(1);
  expect(errors[0]).toContain('the plugin manifest is wrong');
  expect(errors.join('\n')).toContain(message);
  expect(() => readFileSync(path.join(host.root, 'dist/parameters.json'))).toThrow('ENOENT');
});

test('the published JSON schema describes the manifest that discovery reads', () => {
  const schema = JSON.parse(readFileSync(new URL('../manifest.schema.json', import.meta.url), 'utf8'));
  expect(Object.keys(schema.properties)).toEqual([
    '$schema',
    'manifestVersion',
    'apiVersion',
    'connectors',
    'accelerators',
    'plugins',
  ]);
  const id = new RegExp(schema.definitions.id.pattern, 'u');
  for (const [text, isId] of [
    ['a', true],
    ['a-b.c2', true],
    ['A', false],
    ['__proto__', false],
    ['a--b', false],
  ] as const) {
    host.write('package.json', { millrace: connectorManifest(text) });
    const invalid = discoverPlugins({ hostRoot: host.root }).diagnostics.some(
      ({ code }) => code === 'manifest_invalid',
    );
    expect([text, id.test(text), !invalid]).toEqual([text, isId, isId]);
  }
});
