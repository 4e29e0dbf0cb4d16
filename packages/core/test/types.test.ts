import { readFileSync, realpathSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createHostFolder, type HostFolder } from './host-folder.ts';
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
  const source = readFileSync(new URL(`./fixtures/${fixture}`, import.meta.url), 'utf8');
  const program = ts.createProgram([host.write(`${folder}/${fixture}`, source)], {
    ...STRICT,
    typeRoots: [path.join(host.root, 'node_modules/@types')],
    ...options,
  });
  return ts
    .getPreEmitDiagnostics(program)
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
