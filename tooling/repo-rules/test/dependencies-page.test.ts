import { expect, test } from 'vitest';
import { PACKAGES, type PackageJson, readText } from '../src/workspace.ts';

/** The rows of the page: package → its other cells. */
function readRows(): Map<string, string[]> {
  const rows = readText('docs/dependencies.md')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );
  return new Map(rows.map(([name, ...cells]) => [name!.replaceAll('`', ''), cells]));
}

function externals(json: Pick<PackageJson, 'dependencies' | 'devDependencies' | 'optionalDependencies'>): string[] {
  const all = Object.entries({ ...json.dependencies, ...json.devDependencies, ...json.optionalDependencies });
  return all.filter(([, range]) => !range.startsWith('workspace:')).map(([name]) => name);
}

test('every dependency has a line that says why it is there, and no line is left over', () => {
  const root = JSON.parse(readText('package.json')) as PackageJson;
  const used = [...new Set([root, ...PACKAGES.map(({ json }) => json)].flatMap(externals))].sort();
  const rows = readRows();
  expect([...rows.keys()].sort()).toEqual(used);
  for (const [name, cells] of rows)
    expect([name, cells.length, cells.every((cell) => cell !== '')]).toEqual([name, 3, true]);
});
