import { builtinModules } from 'node:module';
import { expect, test } from 'vitest';
import { allowedDependencies, isOwnPackage, packageOf } from '../src/layers.ts';
import { SOURCE_FILES, type SourceFile } from '../src/source-files.ts';
import { PACKAGES, type WorkspacePackage } from '../src/workspace.ts';

const BUILTINS: ReadonlySet<string> = new Set(builtinModules);

function isRelative(specifier: string): boolean {
  return specifier.startsWith('./') || specifier.startsWith('../');
}

function isBuiltin(specifier: string): boolean {
  return specifier.startsWith('node:') || BUILTINS.has(specifier);
}

/** The imports of packages, with where they stand. */
function packageImports({ file, imports }: SourceFile): { readonly name: string; readonly place: string }[] {
  return imports
    .filter(({ specifier }) => !isRelative(specifier) && !isBuiltin(specifier) && !specifier.startsWith('#'))
    .map(({ specifier, line }) => ({ name: packageOf(specifier), place: `${file}:${line} imports ${specifier}` }));
}

function declaredBy({ json }: WorkspacePackage): Set<string> {
  return new Set(
    Object.keys({ ...json.dependencies, ...json.optionalDependencies, ...json.peerDependencies, [json.name]: '' }),
  );
}

test('the rules see the repository', () => {
  expect(PACKAGES.map(({ json }) => json.name)).toContain('@millrace/core');
  expect(SOURCE_FILES.length).toBeGreaterThan(100);
  expect(SOURCE_FILES.flatMap(packageImports).length).toBeGreaterThan(100);
});

test('dependencies between packages follow the arrows', () => {
  const wrong = PACKAGES.flatMap((owner) => {
    const allowed = allowedDependencies(owner);
    const own = Object.keys({ ...owner.json.dependencies, ...owner.json.peerDependencies }).filter(isOwnPackage);
    return own.filter((name) => allowed?.includes(name) === false).map((name) => `${owner.json.name} → ${name}`);
  });
  expect(wrong).toEqual([]);
});

test('imports between packages follow the arrows, tests apart', () => {
  const wrong = SOURCE_FILES.filter(({ isTest }) => !isTest).flatMap((source) => {
    const allowed = allowedDependencies(source.owner);
    return packageImports(source)
      .filter(({ name }) => isOwnPackage(name) && name !== source.owner.json.name)
      .filter(({ name }) => allowed?.includes(name) === false)
      .map(({ place }) => place);
  });
  expect(wrong).toEqual([]);
});

test('core depends on nothing', () => {
  const core = PACKAGES.find(({ json }) => json.name === '@millrace/core')!;
  expect({ ...core.json.dependencies, ...core.json.peerDependencies, ...core.json.optionalDependencies }).toEqual({});
});

test('core imports nothing, and its tools for the disk only builtins of Node', () => {
  const files = SOURCE_FILES.filter(({ owner, isTest }) => owner.json.name === '@millrace/core' && !isTest);
  const usesDisk = ({ file }: SourceFile) => /^packages\/core\/(src\/(registry|plugin-manifest)\/|tsup)/.test(file);
  const wrong = files.flatMap((source) =>
    source.imports
      .filter(({ specifier }) => !isRelative(specifier) && !(usesDisk(source) && isBuiltin(specifier)))
      .map(({ specifier, line }) => `${source.file}:${line} imports ${specifier}`),
  );
  expect(wrong).toEqual([]);
  const backwards = files
    .filter((source) => !usesDisk(source))
    .flatMap(({ file, imports }) =>
      imports
        .filter(({ specifier }) => /registry|plugin-manifest/.test(specifier))
        .map(({ line }) => `${file}:${line}`),
    );
  expect(backwards).toEqual([]);
});

test('only the DuckDB kit imports DuckDB, benchmarks apart', () => {
  const allowed = ['packages/duckdb', 'tooling/bench'];
  const importing = SOURCE_FILES.filter(({ owner }) => !allowed.includes(owner.folder)).flatMap((source) =>
    packageImports(source).filter(({ name }) => name.startsWith('@duckdb/')),
  );
  expect(importing.map(({ place }) => place)).toEqual([]);
  const declaring = PACKAGES.filter(({ folder }) => !allowed.includes(folder)).filter(({ json }) =>
    Object.keys({ ...json.dependencies, ...json.devDependencies }).some((name) => name.startsWith('@duckdb/')),
  );
  expect(declaring.map(({ folder }) => folder)).toEqual([]);
});

test('the runtime, the server and the command import no plugin', () => {
  const hosts = ['@millrace/runtime', '@millrace/server', 'millrace'];
  const wrong = SOURCE_FILES.filter(({ owner, isTest }) => hosts.includes(owner.json.name) && !isTest).flatMap(
    (source) => packageImports(source).filter(({ name }) => /^@millrace\/(connector|accelerator)-/.test(name)),
  );
  expect(wrong.map(({ place }) => place)).toEqual([]);
});

test('every import is declared: by dependencies in code, by devDependencies too in tests', () => {
  const wrong = SOURCE_FILES.flatMap((source) => {
    const declared = declaredBy(source.owner);
    if (source.isTest || source.owner.json.private === true)
      for (const name of Object.keys(source.owner.json.devDependencies ?? {})) declared.add(name);
    return packageImports(source)
      .filter(({ name }) => !declared.has(name))
      .map(({ place }) => place);
  });
  expect(wrong).toEqual([]);
});

test('packages of the workspace are imported by their exports, never deeper', () => {
  const exported = new Set(
    PACKAGES.flatMap(({ json }) => Object.keys(json.exports ?? {}).map((subpath) => `${json.name}${subpath.slice(1)}`)),
  );
  const wrong = SOURCE_FILES.flatMap(({ file, imports }) =>
    imports
      .filter(
        ({ specifier }) => !isRelative(specifier) && isOwnPackage(packageOf(specifier)) && !exported.has(specifier),
      )
      .map(({ specifier, line }) => `${file}:${line} imports ${specifier}`),
  );
  expect(wrong).toEqual([]);
});

test('relative imports name a file with its extension, inside the package', () => {
  const wrong = SOURCE_FILES.flatMap(({ file, owner, imports }) =>
    imports
      .filter(({ specifier }) => isRelative(specifier))
      .filter(({ specifier }) => {
        const target = new URL(specifier, `file:///${file}`).pathname.slice(1);
        return !/\.(ts|mts|mjs|json)$/.test(specifier) || !target.startsWith(`${owner.folder}/`);
      })
      .map(({ specifier, line }) => `${file}:${line} imports ${specifier}`),
  );
  expect(wrong).toEqual([]);
});

test('builtins of Node are imported with their prefix', () => {
  const wrong = SOURCE_FILES.flatMap(({ file, imports }) =>
    imports
      .filter(({ specifier }) => BUILTINS.has(specifier))
      .map(({ specifier, line }) => `${file}:${line} ${specifier}`),
  );
  expect(wrong.filter((place) => !place.includes(' node:'))).toEqual([]);
});
