import { mkdirSync, realpathSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Diagnostic, discoverPlugins, findHostRoot, type PluginRegistry } from '../src/registry/index.ts';
import { connectorManifest, connectorModule, createHostFolder, type HostFolder, parameterFile } from './host-folder.ts';

let host: HostFolder;
beforeEach(() => {
  host = createHostFolder();
});
afterEach(() => host.close());

/** Installs a package; `millrace` undefined makes an ordinary library. */
function install(name: string, millrace: unknown, packageJson: object = {}, folder = `node_modules/${name}`): void {
  host.write(`${folder}/package.json`, { name, version: '1.2.3', type: 'module', millrace, ...packageJson });
}

function installConnector(name: string, id: string, changes: object = {}): void {
  install(name, connectorManifest(id, changes));
  host.write(`node_modules/${name}/index.js`, connectorModule(id));
  host.write(`node_modules/${name}/parameters.json`, parameterFile(id));
}

function declare(...names: string[]): void {
  host.write('package.json', { name: 'host', dependencies: Object.fromEntries(names.map((name) => [name, '*'])) });
}

function discover(options: Partial<Parameters<typeof discoverPlugins>[0]> = {}): PluginRegistry {
  return discoverPlugins({ hostRoot: host.root, ...options });
}

function findings(registry: PluginRegistry): Diagnostic[] {
  return registry.diagnostics.filter(({ code }) => code !== 'host_read');
}

function codes(registry: PluginRegistry): string[] {
  return findings(registry).map(({ code, package: name }) => `${code} ${name}`);
}

test('plugins are found among all kinds of dependencies, and none of their code runs', async () => {
  for (const id of ['a', 'b', 'c', 'd']) installConnector(`plugin-${id}`, id);
  install('library', undefined);
  host.write('node_modules/library/index.js', 'throw new Error("a library was executed")');
  host.write('package.json', {
    dependencies: { 'plugin-a': '*', library: '*' },
    optionalDependencies: { 'plugin-b': '*', 'absent-optional': '*' },
    peerDependencies: { 'plugin-c': '*', 'absent-peer': '*' },
    devDependencies: { 'plugin-d': '*', 'absent-dev': '*' },
  });
  const registry = discover();
  expect([...registry.connectors.keys()]).toEqual(['a', 'b', 'c', 'd']);
  expect(findings(registry)).toEqual([]);
  expect(registry.diagnostics[0]).toMatchObject({
    code: 'host_read',
    severity: 'info',
    file: path.join(host.root, 'package.json'),
    message: 'read 8 packages: 4 connectors, 0 accelerators, 0 packages with errors',
  });
  expect(registry).toMatchObject({ hostRoot: host.root, hostFile: path.join(host.root, 'package.json') });
  expect((globalThis as { millraceTestImports?: number }).millraceTestImports).toBeUndefined();
});

test('an entry tells what the manifest says', async () => {
  install('@scope/plugin', {
    $schema: 'anything',
    manifestVersion: 1,
    apiVersion: [1, 2],
    unknownField: true,
    accelerators: [
      {
        id: 'fast.store-2',
        aliases: ['fast'],
        entry: './index.js',
        specifier: './store',
        export: 'store',
        parameters: './parameters.json',
        capabilities: { modes: ['memory'] },
        stability: 'beta',
        description: 'Fast.',
        docs: 'https://example.org',
      },
    ],
  });
  host.write('node_modules/@scope/plugin/index.js', '');
  const option = { name: 'size', kind: 'accelerator', type: 'bytes', description: 'Size.' };
  host.write('node_modules/@scope/plugin/parameters.json', {
    parametersVersion: 1,
    plugins: [{ kind: 'accelerator', id: 'fast.store-2', prefix: 'fast', parameters: [option] }],
  });
  declare('@scope/plugin');
  const entry = discover().accelerators.get('fast.store-2')!;
  expect(entry).toMatchObject({
    kind: 'accelerator',
    aliases: ['fast'],
    package: '@scope/plugin',
    version: '1.2.3',
    directory: path.join(host.root, 'node_modules/@scope/plugin'),
    entry: path.join(host.root, 'node_modules/@scope/plugin/index.js'),
    specifier: './store',
    export: 'store',
    stability: 'beta',
    capabilities: { modes: ['memory'] },
    description: 'Fast.',
    docs: 'https://example.org',
  });
  expect(await entry.prefix()).toBe('fast');
  expect(await entry.parameters()).toEqual([option]);
});

test.each<[string, unknown, string, RegExp]>([
  ['not an object', 42, 'manifest_invalid', /"millrace" in package.json must be an object/],
  ['an array', [], 'manifest_invalid', /must be an object/],
  ['null', null, 'manifest_invalid', /must be an object/],
  ['no version', { apiVersion: 1 }, 'manifest_version', /version undefined/],
  ['a future version', { manifestVersion: 2, apiVersion: 1 }, 'manifest_version', /version 2, and this host reads/],
  ['a future API', { manifestVersion: 1, apiVersion: 2 }, 'api_incompatible', /API version 2, and this host version 1/],
  ['other APIs', { manifestVersion: 1, apiVersion: [2, 3] }, 'api_incompatible', /\[2,3\]/],
  ['a list as object', { ...valid(), connectors: { id: 'x' } }, 'manifest_invalid', /"connectors" must be an array/],
  ['no id', { ...valid(), connectors: [{}] }, 'manifest_invalid', /connectors\[0\]\.id/],
  ['a bad id', { ...valid(), connectors: [{ id: '__proto__' }] }, 'manifest_invalid', /connectors\[0\]\.id/],
  ['an upper-case id', { ...valid(), connectors: [{ id: 'X' }] }, 'manifest_invalid', /connectors\[0\]\.id/],
  ['no entry', connectorManifest('x', { entry: undefined }), 'manifest_invalid', /connectors\[0\]\.entry/],
  ['bad aliases', connectorManifest('x', { aliases: 'y' }), 'manifest_invalid', /aliases must be an array of ids/],
  ['a bad specifier', connectorManifest('x', { specifier: 'x' }), 'manifest_invalid', /specifier must be/],
  ['a bad export', connectorManifest('x', { export: 'a b' }), 'manifest_invalid', /export must be/],
  ['a bad stability', connectorManifest('x', { stability: 'good' }), 'manifest_invalid', /stability must be one of/],
  ['bad capabilities', connectorManifest('x', { capabilities: [] }), 'manifest_invalid', /capabilities must be/],
  ['bad drivers', connectorManifest('x', { drivers: { pg: 1 } }), 'manifest_invalid', /drivers must map/],
  ['bad presets', { ...valid(), plugins: [1] }, 'manifest_invalid', /"plugins" must be/],
  ['a bare entry', connectorManifest('x', { entry: 'index.js' }), 'entry_invalid', /does not start with/],
  ['an absolute entry', connectorManifest('x', { entry: '/etc/passwd' }), 'entry_invalid', /does not start with/],
  ['an entry beside', connectorManifest('x', { entry: './../good/index.js' }), 'entry_escapes', /lies outside/],
  ['the folder as entry', connectorManifest('x', { entry: './' }), 'entry_escapes', /lies outside/],
  ['a folder as entry', connectorManifest('x', { entry: './lib' }), 'entry_missing', /does not exist/],
  ['an entry that is not built', connectorManifest('x', { entry: './dist/x.js' }), 'entry_missing', /does not exist/],
  [
    'parameters beside',
    connectorManifest('x', { parameters: './../good/p.json' }),
    'entry_escapes',
    /parameters .* outside/,
  ],
])('%s is a diagnostic, and the other package is found', (_, manifest, code, message) => {
  installConnector('good', 'good');
  install('bad', manifest);
  host.write('node_modules/bad/index.js', connectorModule('x'));
  host.write('node_modules/bad/lib/index.js', connectorModule('x'));
  declare('bad', 'good');
  const registry = discover();
  expect([...registry.connectors.keys()]).toEqual(['good']);
  const [finding, ...others] = findings(registry);
  expect(others).toEqual([]);
  expect(finding).toMatchObject({ code, severity: 'error', package: 'bad' });
  expect(finding!.file).toBe(path.join(host.root, 'node_modules/bad/package.json'));
  expect(finding!.message).toMatch(message);
  expect(finding!.fix).not.toBe('');
});

function valid(): object {
  return { manifestVersion: 1, apiVersion: 1 };
}

test('one bad contribution does not hide the others of its package', () => {
  install('mixed', {
    ...valid(),
    connectors: [
      { id: 'broken', entry: './missing.js' },
      { id: 'fine', entry: './index.js', parameters: './parameters.json' },
      { id: 'Bad' },
    ],
  });
  host.write('node_modules/mixed/index.js', connectorModule('fine'));
  host.write('node_modules/mixed/parameters.json', parameterFile('fine'));
  declare('mixed');
  const registry = discover();
  expect([...registry.connectors.keys()]).toEqual(['fine']);
  expect(codes(registry)).toEqual(['manifest_invalid mixed', 'entry_missing mixed']);
  expect(findings(registry)[1]!.contribution).toEqual({ kind: 'connector', id: 'broken' });
});

test('unreadable, too large and missing packages are diagnostics', () => {
  installConnector('good', 'good');
  host.write('node_modules/broken/package.json', '{ "name": ');
  host.write('node_modules/list/package.json', '[]');
  host.write('node_modules/huge/package.json', `{"a":"${'x'.repeat(1024 * 1024)}"}`);
  host.write('node_modules/bom/package.json', '\uFEFF{"name":"bom"}');
  mkdirSync(path.join(host.root, 'node_modules/folder/package.json'), { recursive: true });
  declare('good', 'broken', 'list', 'huge', 'bom', 'folder', 'absent');
  const registry = discover();
  expect([...registry.connectors.keys()]).toEqual(['good']);
  expect(codes(registry)).toEqual([
    'package_not_found absent',
    'package_unreadable broken',
    'package_unreadable folder',
    'package_too_large huge',
    'package_unreadable list',
  ]);
});

test('a link that leads out of the package is refused', () => {
  install('linked', connectorManifest('x'));
  const outside = host.write('outside.js', connectorModule('x'));
  symlinkSync(outside, path.join(host.root, 'node_modules/linked/index.js'));
  declare('linked');
  expect(codes(discover())).toEqual(['entry_escapes linked']);
});

test('an id of two packages is unavailable until one is preferred', () => {
  installConnector('one', 'same');
  installConnector('two', 'same');
  installConnector('three', 'other');
  declare('one', 'two', 'three');
  const registry = discover();
  expect([...registry.connectors.keys()]).toEqual(['other']);
  expect(codes(registry)).toEqual(['duplicate_id one, two']);
  expect(findings(registry)[0]!.message).toContain('one@1.2.3 in ');
  const decided = discover({ prefer: { 'connector:same': 'two' } });
  expect(decided.connectors.get('same')?.package).toBe('two');
  expect(findings(decided)).toEqual([]);
});

test('a connector and an accelerator may share an id', () => {
  const contribution = { id: 'duckdb', entry: './index.js', parameters: './parameters.json' };
  install('both', { ...valid(), connectors: [contribution], accelerators: [contribution] });
  host.write('node_modules/both/index.js', '');
  host.write('node_modules/both/parameters.json', parameterFile('duckdb'));
  declare('both');
  const registry = discover();
  expect(registry.find('connector', 'duckdb')?.kind).toBe('connector');
  expect(registry.find('accelerator', 'duckdb')?.kind).toBe('accelerator');
});

test('ids win over aliases, and an alias of two plugins is not used', () => {
  installConnector('one', 'one', { aliases: ['two', 'shared', 'first'] });
  installConnector('two', 'two', { aliases: ['shared'] });
  declare('one', 'two');
  const registry = discover();
  expect(registry.find('connector', 'two')?.package).toBe('two');
  expect(registry.find('connector', 'first')?.package).toBe('one');
  expect(registry.find('connector', 'shared')).toBeUndefined();
  expect(codes(registry)).toEqual(['alias_conflict one', 'alias_conflict one', 'alias_conflict two']);
  expect([...registry.connectors.keys()]).toEqual(['one', 'two']);
});

test('a missing file of parameters is a warning, and asking for it an error', async () => {
  install('bare', connectorManifest('x'));
  host.write('node_modules/bare/index.js', connectorModule('x'));
  declare('bare');
  const registry = discover();
  expect(findings(registry)).toMatchObject([{ code: 'parameters_missing', severity: 'warning' }]);
  await expect(registry.connectors.get('x')!.parameters()).rejects.toMatchObject({
    code: 'plugin_failed',
    diagnostic: { code: 'parameters_missing' },
  });
});

test.each<[string, string | object, string]>([
  ['no JSON', '{', 'it is not a file of parameters'],
  ['another version', { ...parameterFile('x'), parametersVersion: 2 }, 'of version 2'],
  ['another plugin', parameterFile('y'), 'it holds no connector x'],
  ['a bad name', parameterFile('x', [{ name: 'A' }]), 'name must be snake_case'],
  ['a bad kind', parameterFile('x', [{ name: 'a', kind: 'x' }]), 'kind must be'],
  ['a bad type', parameterFile('x', [{ name: 'a', kind: 'runtime', type: 'toString' }]), 'there is no type'],
  ['no description', parameterFile('x', [{ name: 'a', kind: 'runtime', type: 'string' }]), 'description is missing'],
])('a file of parameters with %s cannot be used', async (_, content, message) => {
  installConnector('plugin', 'x');
  host.write('node_modules/plugin/parameters.json', content);
  declare('plugin');
  const failure = discover().connectors.get('x')!.parameters();
  await expect(failure).rejects.toMatchObject({ diagnostic: { code: 'parameters_invalid' } });
  await expect(failure).rejects.toThrow(message);
});

test('a preset brings the plugins that it depends on, seen from its own folder', () => {
  install('preset', { ...valid(), plugins: ['inner', 'undeclared'] }, { dependencies: { inner: '*' } });
  installConnector('preset/node_modules/inner', 'inner');
  declare('preset');
  const registry = discover();
  expect(registry.connectors.get('inner')?.package).toBe('inner');
  expect(codes(registry)).toEqual(['preset_undeclared preset']);
});

test('presets in a circle or too deep end', () => {
  install('left', { ...valid(), plugins: ['right'] }, { dependencies: { right: '*' } });
  install('right', { ...valid(), plugins: ['left'] }, { dependencies: { left: '*' } });
  for (const depth of [1, 2, 3, 4])
    install(
      `deep${depth}`,
      { ...valid(), plugins: [`deep${depth + 1}`] },
      { dependencies: { [`deep${depth + 1}`]: '*' } },
    );
  installConnector('deep5', 'deep');
  declare('left', 'right', 'deep1');
  const registry = discover();
  expect(registry.connectors.size).toBe(0);
  expect(codes(registry)).toEqual(['preset_depth deep4']);
});

test('pnpm: a linked package is found once, by its real folder', () => {
  const store = 'node_modules/.pnpm/plugin@1.2.3/node_modules/plugin';
  host.write(`${store}/package.json`, { name: 'plugin', version: '1.2.3', millrace: connectorManifest('x') });
  host.write(`${store}/index.js`, connectorModule('x'));
  host.write(`${store}/parameters.json`, parameterFile('x'));
  symlinkSync(path.join(host.root, store), path.join(host.root, 'node_modules/plugin'));
  symlinkSync(path.join(host.root, store), path.join(host.root, 'node_modules/renamed'));
  declare('plugin', 'renamed');
  const registry = discover();
  expect(registry.connectors.get('x')?.directory).toBe(path.join(host.root, store));
  expect(findings(registry)).toEqual([]);
});

test('workspaces: a package in a folder above is found, an undeclared one is not', () => {
  installConnector('hoisted', 'hoisted');
  installConnector('undeclared', 'undeclared');
  host.write('apps/web/package.json', { dependencies: { hoisted: '*' } });
  const registry = discover({ hostRoot: path.join(host.root, 'apps/web') });
  expect([...registry.connectors.keys()]).toEqual(['hoisted']);
});

test('a host that is a plugin itself sees itself', () => {
  host.write('package.json', { name: 'mine', version: '0.1.0', millrace: connectorManifest('mine') });
  host.write('index.js', connectorModule('mine'));
  host.write('parameters.json', parameterFile('mine'));
  expect(discover().connectors.get('mine')?.package).toBe('mine');
});

test('allow, deny, extra and explicit mode steer what is looked at', () => {
  for (const id of ['a', 'b', 'c']) installConnector(`plugin-${id}`, id);
  declare('plugin-a', 'plugin-b');
  const ids = (options: Parameters<typeof discover>[0]) => [...discover(options).connectors.keys()];
  expect(ids({ deny: ['plugin-a'] })).toEqual(['b']);
  expect(ids({ allow: ['plugin-a'] })).toEqual(['a']);
  expect(ids({ extra: ['plugin-c'] })).toEqual(['a', 'b', 'c']);
  expect(ids({ extra: ['plugin-c'], mode: 'explicit' })).toEqual(['c']);
  expect(codes(discover({ deny: ['plugin-a'] }))).toEqual(['not_allowed plugin-a']);
  expect(codes(discover({ extra: ['plugin-x'] }))).toEqual(['package_not_found plugin-x']);
});

test('devDependencies count unless in production or excluded', () => {
  installConnector('plugin', 'x');
  host.write('package.json', { devDependencies: { plugin: '*' } });
  expect(discover().connectors.size).toBe(1);
  expect(discover({ devDependencies: 'exclude' }).connectors.size).toBe(0);
  vi.stubEnv('NODE_ENV', 'production');
  expect(discover().connectors.size).toBe(0);
  expect(discover({ devDependencies: 'include' }).connectors.size).toBe(1);
  vi.unstubAllEnvs();
});

test('a host without package.json is a diagnostic', () => {
  expect(findings(discover())).toMatchObject([{ code: 'host_unreadable', severity: 'error' }]);
});

test('the host root is the nearest folder with a package.json', () => {
  host.write('package.json', {});
  host.write('app/package.json', {});
  host.write('app/config/deep/millrace.yaml', '');
  expect(findHostRoot(path.join(host.root, 'app/config/deep'))).toBe(path.join(host.root, 'app'));
  expect(findHostRoot(host.root)).toBe(host.root);
  expect(findHostRoot(path.parse(realpathSync('/')).root)).toBeUndefined();
});
