import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectorManifest, connectorModule, createHostFolder, type HostFolder, parameterFile } from './host-folder.ts';
import { installCore } from './installed-core.ts';

// What Yarn's runtime does to Node, reduced to what discovery uses; hosts with the real one are tested from outside.
const PRELOAD = `
const Module = require('node:module');
const path = require('node:path');
process.versions.pnp = '3';
const api = {
  resolveToUnqualified(name, issuer, { considerBuiltins }) {
    if (considerBuiltins !== false || !issuer.endsWith(path.sep)) throw new Error('wrong call');
    const folders = JSON.parse(process.env.TEST_PNP_FOLDERS);
    if (name in folders) return folders[name];
    if (name === 'broken-map') throw new Error('the map is broken');
    throw Object.assign(new Error('not declared'), { code: 'MODULE_NOT_FOUND', pnpCode: 'UNDECLARED_DEPENDENCY' });
  },
};
const resolve = Module._resolveFilename;
Module._resolveFilename = (request, ...rest) => (request === 'pnpapi' ? 'pnpapi' : resolve(request, ...rest));
const load = Module._load;
Module._load = (request, ...rest) => (request === 'pnpapi' ? api : load(request, ...rest));
`;

let host: HostFolder;
beforeAll(() => {
  host = createHostFolder();
});
afterAll(() => host.close());

test("Yarn Plug'n'Play: packages are found through its map, absent ones are told apart", () => {
  const core = installCore(host.root);
  const preload = host.write('preload.cjs', PRELOAD);
  host.write('store/plugin/package.json', { name: 'plugin', type: 'module', millrace: connectorManifest('x') });
  host.write('store/plugin/index.js', `import 'driver';\n${connectorModule('x')}`);
  host.write('store/plugin/parameters.json', parameterFile('x'));
  host.write('app/package.json', {
    dependencies: { plugin: '*', undeclared: '*', 'broken-map': '*' },
    optionalDependencies: { 'other-platform': '*' },
  });
  host.write('app/yarn.lock', '');
  const script = host.write(
    'app/main.mjs',
    `import { discoverPlugins } from ${JSON.stringify(pathToFileURL(path.join(core, 'dist/registry/index.js')).href)};
const registry = discoverPlugins({ hostRoot: import.meta.dirname });
const failure = await registry.connectors.get('x').load().catch((error) => error.diagnostic);
console.log(JSON.stringify({
  directory: registry.connectors.get('x').directory,
  codes: registry.diagnostics.map(({ code, package: name }) => code + ' ' + name),
  failure,
}));`,
  );
  const folders = {
    plugin: path.join(host.root, 'store/plugin'),
    'other-platform': path.join(host.root, 'store/never-installed'),
  };
  const output = execFileSync(process.execPath, ['--require', preload, script], {
    encoding: 'utf8',
    env: { ...process.env, TEST_PNP_FOLDERS: JSON.stringify(folders) },
  });
  expect(JSON.parse(output)).toMatchObject({
    directory: path.join(host.root, 'store/plugin'),
    codes: ['host_read ', 'package_unreadable broken-map', 'package_not_found undeclared'],
    failure: { code: 'driver_missing', fix: 'Run: yarn add driver' },
  });
});
