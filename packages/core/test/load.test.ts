import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  type ConnectorPlugin,
  defineAccelerator,
  defineConnector,
  isMillraceError,
  type MillraceError,
} from '../src/index.ts';
import {
  createRegistry,
  discoverPlugins,
  generateStaticRegistry,
  missingDriverError,
  type PluginEntry,
  PluginError,
  type PluginRegistry,
  staticRegistry,
  unknownPluginError,
} from '../src/registry/index.ts';
import { connectorManifest, connectorModule, createHostFolder, type HostFolder, parameterFile } from './host-folder.ts';

let host: HostFolder;
beforeEach(() => {
  host = createHostFolder();
});
afterEach(() => host.close());

interface TestPlugin {
  readonly id?: string;
  readonly module?: string;
  readonly manifest?: object;
  readonly packageJson?: object;
}

function registryOf(plugins: Readonly<Record<string, TestPlugin>>, hostPackage: object = {}): PluginRegistry {
  for (const [name, { id = 'x', module = connectorModule(id), manifest, packageJson }] of Object.entries(plugins)) {
    host.write(`node_modules/${name}/package.json`, {
      name,
      version: '1.0.0',
      type: 'module',
      millrace: connectorManifest(id, manifest),
      ...packageJson,
    });
    host.write(`node_modules/${name}/index.js`, module);
    host.write(`node_modules/${name}/parameters.json`, parameterFile(id));
  }
  const dependencies = Object.fromEntries(Object.keys(plugins).map((name) => [name, '*']));
  host.write('package.json', { dependencies, ...hostPackage });
  return discoverPlugins({ hostRoot: host.root, importTimeoutMs: 200 });
}

function entryOf(plugin: TestPlugin, hostPackage?: object): PluginEntry<'connector'> {
  return registryOf({ plugin }, hostPackage).connectors.get(plugin.id ?? 'x')!;
}

async function failureOf(entry: PluginEntry): Promise<PluginError> {
  const error = await entry.load().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(PluginError);
  return error as PluginError;
}

test('a plugin is imported once, on first use', async () => {
  const entry = entryOf({ module: `globalThis.loadCount = (globalThis.loadCount ?? 0) + 1;\n${connectorModule('x')}` });
  const counter = globalThis as { loadCount?: number };
  expect(counter.loadCount).toBeUndefined();
  const [first, second] = await Promise.all([entry.load(), entry.load()]);
  expect(first).toBe(second);
  expect(first.id).toBe('x');
  expect(counter.loadCount).toBe(1);
});

test('a named export and a CommonJS module are found', async () => {
  const named = connectorModule('x').replace('export default', 'export const mine =');
  expect((await entryOf({ module: named, manifest: { export: 'mine' } }).load()).id).toBe('x');
  const common = connectorModule('y').replace('export default', "exports['my' + 'Plugin'] =");
  const entry = registryOf({
    old: { id: 'y', module: common, manifest: { export: 'myPlugin' }, packageJson: { type: 'commonjs' } },
  }).connectors.get('y')!;
  expect((await entry.load()).id).toBe('y');
});

test.each<[string, TestPlugin, string, RegExp]>([
  ['throws on import', { module: 'throw new Error("boom")' }, 'load_failed', /the import failed: boom/],
  ['throws no error', { module: 'throw 7' }, 'load_failed', /the import failed: 7/],
  ['does not parse', { module: 'export default {' }, 'load_failed', /the import failed/],
  ['never settles', { module: 'await new Promise(() => {})' }, 'load_timeout', /did not finish within 200 ms/],
  ['lacks a file', { module: 'import "./gone.js"' }, 'load_failed', /gone\.js/],
  ['lacks the export', { manifest: { export: 'mine' } }, 'export_missing', /no export mine; it exports default/],
  ['exports null', { module: 'export default null' }, 'export_missing', /no export default/],
  ['exports no plugin', { module: 'export default {}' }, 'not_a_plugin', /is not a plugin/],
  [
    'has another API',
    { module: connectorModule('x', "[Symbol.for('millrace.plugin')]: 2") },
    'api_mismatch',
    /version 2/,
  ],
  ['has another kind', { module: connectorModule('x', "kind: 'accelerator'") }, 'kind_mismatch', /kind accelerator/],
  ['has another id', { module: connectorModule('x', "id: 'z'") }, 'id_mismatch', /calls itself z/],
])('a plugin that %s fails with its code, and the other works', async (_, plugin, code, message) => {
  const registry = registryOf({ plugin, good: { id: 'good' } });
  const error = await failureOf(registry.connectors.get('x')!);
  expect(error).toMatchObject({ code: 'plugin_failed', component: 'plugin plugin', connector: 'x' });
  expect(error.diagnostic).toMatchObject({
    code,
    package: 'plugin',
    file: path.join(host.root, 'node_modules/plugin/index.js'),
    contribution: { kind: 'connector', id: 'x' },
  });
  expect(error.message).toMatch(message);
  expect(error.diagnostic.fix).not.toBe('');
  expect((await registry.connectors.get('good')!.load()).id).toBe('good');
});

test.each<[string, string, TestPlugin, string]>([
  ['npm', 'package-lock.json', { packageJson: { dependencies: { pg: '^8.13' } } }, 'Run: npm install "pg@^8.13"'],
  ['pnpm', 'pnpm-lock.yaml', { manifest: { drivers: { pg: { range: '8.13.0' } } } }, 'Run: pnpm add pg@8.13.0'],
  ['yarn', 'yarn.lock', { packageJson: { peerDependencies: { pg: '*' } } }, 'Run: yarn add pg'],
  ['undeclared', 'package-lock.json', {}, 'Run: npm install pg'],
])('a missing driver is named with the install command (%s)', async (_, lockfile, plugin, fix) => {
  host.write(lockfile, '');
  const error = await failureOf(entryOf({ ...plugin, module: `import 'pg/lib/index.js';\n${connectorModule('x')}` }));
  expect(error.diagnostic).toMatchObject({ code: 'driver_missing', fix });
  expect(error.message).toMatch(/needs the library pg/);
  expect(error.cause).toMatchObject({ code: 'ERR_MODULE_NOT_FOUND' });
});

test('a declared driver is named also where the error does not name it', () => {
  const entry = entryOf({ packageJson: { dependencies: { '@scope/driver': '^1.0.0' } } });
  const cause = Object.assign(new Error('Your application tried to access a package'), { code: 'MODULE_NOT_FOUND' });
  const error = missingDriverError({ entry, cause, hostRoot: host.root });
  expect(error?.diagnostic).toMatchObject({ code: 'driver_missing', fix: 'Run: npm install "@scope/driver@^1.0.0"' });
  const yarnCause = Object.assign(new Error('not declared'), {
    code: 'MODULE_NOT_FOUND',
    data: { dependencyName: 'pg' },
  });
  expect(missingDriverError({ entry, cause: yarnCause })?.diagnostic.fix).toBe('Run: npm install pg');
  expect(missingDriverError({ entry, cause: new Error('no connection') })).toBeUndefined();
});

test('an unknown id names the installed ones, the nearest, the file that was read and what failed', () => {
  const registry = registryOf({
    mysql: { id: 'mysql' },
    file: { id: 'file' },
    bad: { id: 'bad', manifest: { entry: './no.js' } },
  });
  const error = unknownPluginError({ kind: 'connector', id: 'flie', registry, component: 'dataset orders' });
  expect(error.code).toBe('unknown_connector');
  expect(error.message).toBe(
    `dataset orders: there is no connector flie; installed: file, mysql. Did you mean file? Plugins come from the dependencies in ${path.join(host.root, 'package.json')}. Packages that failed: bad [entry_missing].`,
  );
});

test('a known connector that is not installed comes with its install command', () => {
  host.write('pnpm-lock.yaml', '');
  const registry = registryOf({});
  const messageOf = (id: string) => unknownPluginError({ kind: 'connector', id, registry }).message;
  expect(messageOf('postgres')).toContain(
    'no connector is installed. Install it: pnpm add @millrace/connector-postgres.',
  );
  expect(messageOf('postgress')).toContain('Did you mean postgres? Install it: pnpm add @millrace/connector-postgres.');
  expect(messageOf('salesforce')).toContain('Install a package that provides the connector salesforce.');
  const accelerator = unknownPluginError({ kind: 'accelerator', id: 'duckdb', registry });
  expect(accelerator.code).toBe('unknown_accelerator');
  expect(accelerator.message).toContain('pnpm add @millrace/accelerator-duckdb');
});

test('an id that is known to be broken says why', () => {
  const registry = registryOf({ bad: { id: 'bad', manifest: { entry: './no.js' } } });
  const error = unknownPluginError({ kind: 'connector', id: 'bad', registry });
  expect(error.code).toBe('plugin_failed');
  expect(error.message).toMatch(/plugin bad \(bad\): connector bad: entry \.\/no\.js does not exist \[entry_missing\]/);
});

test('the generated registry is the same for the same plugins, and works without discovery', async () => {
  const registry = registryOf({ one: { id: 'one', manifest: { aliases: ['uno'] } }, two: { id: 'two' } });
  const text = await generateStaticRegistry(registry);
  expect(await generateStaticRegistry(registry)).toBe(text);
  expect(text).toMatch(/^\/\/ Generated by `millrace plugins sync`; do not edit\.\n\/\/ sha256 [0-9a-f]{64}\n/);
  expect(text).toContain('load: () => import("one")');
  const plain = text
    .replace('import { type PluginRegistry, staticRegistry } from "@millrace/core/registry";', '')
    .replace(': PluginRegistry = staticRegistry(', ' = (');
  const file = host.write('generated.mjs', plain);
  const generated = (await import(pathToFileURL(file).href)) as { registry: Parameters<typeof staticRegistry>[0] };
  const copy = staticRegistry(generated.registry);
  expect([...copy.connectors.keys()]).toEqual(['one', 'two']);
  expect(await copy.find('connector', 'uno')!.prefix()).toBe('one');
  expect((await copy.connectors.get('two')!.load()).id).toBe('two');
  const changed = registryOf({ one: { id: 'one' } });
  expect((await generateStaticRegistry(changed)).split('\n')[1]).not.toBe(text.split('\n')[1]);
});

test('a registry of objects needs no disk', async () => {
  const connector: ConnectorPlugin = defineConnector({
    id: 'mine',
    prefix: 'my',
    parameters: [{ name: 'a', kind: 'connector', type: 'string', description: 'A.' }],
    create: () => expect.unreachable(),
  });
  const accelerator = defineAccelerator({
    id: 'fast',
    prefix: 'fast',
    parameters: [],
    modes: ['memory'],
    validFileExtensions: [],
    create: () => expect.unreachable(),
  });
  const registry = createRegistry({ connectors: [connector], accelerators: [accelerator] });
  const entry = registry.find('connector', 'mine')!;
  expect(await entry.load()).toBe(connector);
  expect(await entry.prefix()).toBe('my');
  expect(await entry.parameters()).toEqual(connector.parameters);
  expect(await registry.accelerators.get('fast')!.load()).toBe(accelerator);
  expect(registry.find('connector', 'fast')).toBeUndefined();
  const refusals: (() => unknown)[] = [
    () => createRegistry({ connectors: [connector, connector] }),
    () => createRegistry({ connectors: [accelerator as unknown as ConnectorPlugin] }),
    () => createRegistry({ connectors: [{} as ConnectorPlugin] }),
  ];
  for (const refusal of refusals)
    expect(refusal).toThrow(
      expect.toSatisfy((error: MillraceError) => isMillraceError(error) && error.code === 'invalid_argument'),
    );
});
