import { describe, expect, test } from 'vitest';
import { allowedDependencies } from '../src/layers.ts';
import { fileExists, PACKAGES, PUBLISHED, readText, type WorkspacePackage } from '../src/workspace.ts';

const NAMES: Readonly<Record<string, string>> = {
  'packages/cli': 'millrace',
  'packages/create-plugin': 'create-millrace-plugin',
};

/** What every README says, in this order; plugins say all of it. */
const HEADINGS = ['Install', 'Example', 'Parameters', 'Types', 'Capabilities', 'Limits', 'Versions tested'] as const;
const HEADINGS_OF_ALL: readonly string[] = ['Install', 'Example', 'Limits', 'Versions tested'];

function isPlugin({ group }: WorkspacePackage): boolean {
  return group === 'connectors' || group === 'accelerators';
}

function expectedName({ group, folder, folderName }: WorkspacePackage): string {
  if (group === 'connectors') return `@millrace/connector-${folderName}`;
  if (group === 'accelerators') return `@millrace/accelerator-${folderName}`;
  return NAMES[folder] ?? `@millrace/${folderName}`;
}

/** The exports as they are published: without the condition that leads to the sources. */
function withoutSources(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== 'millrace-source')
      .map(([key, inner]) => [key, withoutSources(inner)]),
  );
}

function headingsOf(readme: string): string[] {
  return readme
    .replace(/```[\s\S]*?```/g, '')
    .split('\n')
    .flatMap((line) => /^## (.+)$/.exec(line)?.[1] ?? []);
}

describe.each(PUBLISHED.map((owner) => [owner.folder, owner] as const))('%s', (folder, owner) => {
  const { json } = owner;

  test('has its name, licence, engines and description', () => {
    expect(json).toMatchObject({ license: 'Apache-2.0', type: 'module', engines: { node: '>=20.19' } });
    expect(json.name).toBe(expectedName(owner));
    expect(json.version).toMatch(/^\d+\.\d+\.\d+(-[\w.]+)?$/);
    expect(json.description).toMatch(/^[A-Z].{20,}\.$/);
    expect(json.sideEffects).toBe(false);
    expect(json.keywords).toContain('millrace');
    expect(readText(`${folder}/LICENSE`)).toBe(readText('LICENSE'));
  });

  test('exports modules of its build, with types, and its package.json', () => {
    const { './package.json': own, ...others } = json.exports ?? {};
    expect(own).toBe('./package.json');
    for (const target of Object.values(others)) {
      if (typeof target === 'string') {
        expect(target).toMatch(/^\.\/[\w./-]+\.json$/);
        continue;
      }
      expect(Object.keys(target as object)).toEqual(['millrace-source', 'types', 'default']);
      expect(target).toMatchObject({
        'millrace-source': expect.stringMatching(/^\.\/src\/.+\.m?ts$/),
        types: expect.stringMatching(/^\.\/dist\/.+\.d\.ts$/),
        default: expect.stringMatching(/^\.\/dist\/.+\.js$/),
      });
      expect(fileExists(`${folder}/${(target as Record<string, string>)['millrace-source']}`)).toBe(true);
    }
  });

  test('publishes the same exports without the sources', () => {
    expect(json.publishConfig).toMatchObject({ access: 'public', provenance: true });
    expect(json.publishConfig?.exports).toEqual(withoutSources(json.exports));
    if (json.imports !== undefined) expect(json.publishConfig?.imports).toEqual(withoutSources(json.imports));
  });

  test('publishes its build, README, changes and licence, and no sources', () => {
    expect(json.files).toEqual(expect.arrayContaining(['dist', 'README.md', 'CHANGELOG.md', 'LICENSE']));
    expect(json.files?.filter((file) => /^\.?\/?(src|test)/.test(file))).toEqual([]);
  });

  test('takes packages of the workspace by their compatible range, and others at one version', () => {
    for (const [name, range] of Object.entries(json.dependencies ?? {}))
      expect(`${name} ${range}`).toMatch(/ (workspace:\^|catalog:|\d+\.\d+\.\d+(-[\w.]+)?)$/);
    expect(json.peerDependencies ?? {}).toEqual({});
    expect(allowedDependencies(owner)).toBeDefined();
  });

  test('has a README with the headings of the house', () => {
    const readme = fileExists(`${folder}/README.md`) ? readText(`${folder}/README.md`) : '';
    const [title, blank, sentence] = readme.split('\n');
    expect([title, blank]).toEqual([`# ${json.name}`, '']);
    expect(sentence).toMatch(/^[A-Z`].+\.$/);
    const known = headingsOf(readme).filter((heading) => (HEADINGS as readonly string[]).includes(heading));
    expect(known).toEqual(HEADINGS.filter((heading) => known.includes(heading)));
    expect(known).toEqual(expect.arrayContaining(isPlugin(owner) ? [...HEADINGS] : [...HEADINGS_OF_ALL]));
  });

  if (!isPlugin(owner)) return;

  test('is a plugin: keywords, manifest, and a build that writes its parameters', () => {
    const kind = owner.group === 'connectors' ? 'connector' : 'accelerator';
    expect(json.keywords).toEqual(expect.arrayContaining(['millrace-plugin', `millrace-${kind}`]));
    expect(json.millrace).toMatchObject({
      manifestVersion: 1,
      apiVersion: 1,
      [`${kind}s`]: expect.arrayContaining([
        expect.objectContaining({ id: owner.folderName, entry: expect.stringMatching(/^\.\/dist\//) }),
      ]),
    });
    expect(json.scripts?.build).toMatch(/\bmillrace-plugin-manifest\b/);
  });
});

test('every package has the scripts that the workspace calls', () => {
  const typed = PACKAGES.filter(({ folder }) => fileExists(`${folder}/tsconfig.json`));
  expect(
    typed.filter(({ json }) => json.scripts?.types !== 'tsc -p tsconfig.json').map(({ folder }) => folder),
  ).toEqual([]);
  expect(PUBLISHED.filter(({ json }) => json.scripts?.build === undefined).map(({ folder }) => folder)).toEqual([]);
});

test('an external package has one version in the whole workspace', () => {
  const versions = new Map<string, Set<string>>();
  for (const { json } of PACKAGES) {
    for (const [name, range] of Object.entries({ ...json.devDependencies, ...json.dependencies })) {
      if (!range.startsWith('workspace:')) versions.set(name, (versions.get(name) ?? new Set()).add(range));
    }
  }
  expect([...versions].filter(([, ranges]) => ranges.size > 1).map(([name, ranges]) => [name, ...ranges])).toEqual([]);
});
