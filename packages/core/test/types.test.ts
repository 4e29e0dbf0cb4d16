import { readFileSync, realpathSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { discoverPlugins, generateStaticRegistry } from '../src/registry/index.ts';
import { connectorManifest, connectorModule, createHostFolder, type HostFolder, parameterFile } from './host-folder.ts';
import { installCore } from './installed-core.ts';

let host: HostFolder;
beforeAll(() => {
  host = createHostFolder();
  host.write('package.json', { name: 'author', type: 'module' });
  installCore(host.root);
  host.write('node_modules/@types/.keep', '');
  symlinkSync(installed('@types/node'), path.join(host.root, 'node_modules/@types/node'));
});
afterAll(() => host.close());

const STRICT: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  lib: ['lib.es2022.d.ts'],
  types: [],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  verbatimModuleSyntax: true,
  noEmit: true,
};

function installed(name: string): string {
  return realpathSync(new URL(`../node_modules/${name}`, import.meta.url));
}

function compile(folder: string, fixture: string, options: ts.CompilerOptions): string[] {
  return compileText(
    `${folder}/${fixture}`,
    readFileSync(new URL(`./fixtures/${fixture}`, import.meta.url), 'utf8'),
    options,
  );
}

function compileText(fileName: string, source: string, options: ts.CompilerOptions): string[] {
  const program = ts.createProgram([host.write(fileName, source)], {
    ...STRICT,
    typeRoots: [path.join(host.root, 'node_modules/@types')],
    ...options,
  });
  // The platform's own declarations are not ours to check, and Node's take seconds.
  const ours = program
    .getSourceFiles()
    .filter(({ fileName }) => !/\/(typescript|@types|undici-types)\//.test(fileName));
  return [
    program.getOptionsDiagnostics(),
    ...ours.map((ourFile) => program.getSyntacticDiagnostics(ourFile)),
    ...ours.map((ourFile) => program.getSemanticDiagnostics(ourFile)),
  ]
    .flat()
    .map(({ file, messageText }) => `${file?.fileName ?? ''}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`);
}

test.each<[string, ts.CompilerOptions]>([
  ['ES2022 alone', {}],
  ['the types of Node', { types: ['node'] }],
  ['the types of browsers', { lib: ['lib.es2022.d.ts', 'lib.dom.d.ts'] }],
])('a plugin compiles against core and %s, all declarations checked', (_, platform) => {
  expect(compile('plain', 'plain-plugin.ts', { ...platform, skipLibCheck: false })).toEqual([]);
});

test.each(['apache-arrow-17', 'apache-arrow'])('batches, schemas and types of %s are core’s', (version) => {
  const folder = `with-${version}`;
  host.write(`${folder}/package.json`, { type: 'module' });
  host.write(`${folder}/node_modules/.keep`, '');
  symlinkSync(installed(version), path.join(host.root, folder, 'node_modules/apache-arrow'));
  // The declarations of apache-arrow need the platform's streams, and some of its versions do not check by themselves.
  expect(compile(folder, 'arrow-plugin.ts', { skipLibCheck: true, lib: ['lib.es2022.d.ts', 'lib.dom.d.ts'] })).toEqual(
    [],
  );
});

test('a generated registry compiles, every specifier resolved', async () => {
  host.write('package.json', { name: 'author', type: 'module', dependencies: { plugin: '*' } });
  host.write('node_modules/plugin/package.json', {
    name: 'plugin',
    type: 'module',
    exports: { '.': './index.js' },
    millrace: connectorManifest('x', { aliases: ['ex'], capabilities: { write: true, nested: [1, 'two', null] } }),
  });
  host.write('node_modules/plugin/index.js', connectorModule('x'));
  host.write('node_modules/plugin/index.d.ts', 'declare const plugin: object;\nexport default plugin;\n');
  const parameter = { name: 'a', kind: 'connector', type: 'string', description: 'A.', oneOf: ['b'] };
  host.write('node_modules/plugin/parameters.json', parameterFile('x', [parameter]));
  const text = await generateStaticRegistry(discoverPlugins({ hostRoot: host.root }));
  expect(compileText('millrace.plugins.generated.ts', text, { skipLibCheck: false })).toEqual([]);
});
