import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type * as Core from '../src/index.ts';
import type * as Registry from '../src/registry/index.ts';
import { connectorManifest, createHostFolder, type HostFolder, parameterFile } from './host-folder.ts';
import { installCore } from './installed-core.ts';

let host: HostFolder;
let ours: typeof Core;
let theirs: typeof Core;
let registry: typeof Registry;

beforeAll(async () => {
  host = createHostFolder();
  host.write('package.json', { name: 'host', type: 'module', dependencies: { plugin: '*' } });
  const first = installCore(host.root);
  host.write('node_modules/plugin/package.json', {
    name: 'plugin',
    type: 'module',
    millrace: connectorManifest('x', { export: 'xConnector' }),
  });
  const second = installCore(path.join(host.root, 'node_modules/plugin'));
  host.write('node_modules/plugin/parameters.json', parameterFile('x'));
  host.write(
    'node_modules/plugin/index.js',
    `import { defineConnector, MillraceError } from '@millrace/core';
export const xConnector = defineConnector({
  id: 'x', prefix: 'x', parameters: [],
  create() { throw new MillraceError({ code: 'unavailable', component: 'x', message: 'no', retryable: true }); },
});
`,
  );
  ours = (await import(pathToFileURL(path.join(first, 'dist/index.js')).href)) as typeof Core;
  theirs = (await import(pathToFileURL(path.join(second, 'dist/index.js')).href)) as typeof Core;
  registry = (await import(pathToFileURL(path.join(first, 'dist/registry/index.js')).href)) as typeof Registry;
});
afterAll(() => host.close());

test('the two copies are really two', () => {
  expect(ours.MillraceError).not.toBe(theirs.MillraceError);
});

test('each copy recognises the errors of the other', () => {
  const details: Core.ErrorDetails = { code: 'io', component: 'c', message: 'm' };
  const error = new theirs.MillraceError(details);
  expect(error).not.toBeInstanceOf(ours.MillraceError);
  expect(ours.isMillraceError(error)).toBe(true);
  expect(theirs.isMillraceError(new ours.MillraceError(details))).toBe(true);
  expect(ours.isMillraceError(new Error('m'))).toBe(false);
  expect(ours.isMillraceError(undefined)).toBe(false);
});

test('a plugin made with one copy is discovered, loaded and registered by the other', async () => {
  const found = registry.discoverPlugins({ hostRoot: host.root });
  const plugin = await found.connectors.get('x')!.load();
  expect(plugin[ours.PLUGIN_BRAND]).toBe(ours.API_VERSION);
  expect(registry.createRegistry({ connectors: [plugin] }).find('connector', 'x')?.id).toBe('x');
  const create = () => plugin.create({} as Core.Parameters, {} as Core.PluginContext);
  expect(create).toThrow(expect.toSatisfy((error) => ours.isMillraceError(error) && error.code === 'unavailable'));
});

test('an error of discovery is a MillraceError in both copies', () => {
  const found = registry.discoverPlugins({ hostRoot: host.root });
  const error = registry.unknownPluginError({ kind: 'connector', id: 'y', registry: found });
  expect([ours.isMillraceError(error), theirs.isMillraceError(error)]).toEqual([true, true]);
});
