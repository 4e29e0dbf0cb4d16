import { expect, test } from 'vitest';
import { committedFiles, readText } from '../src/workspace.ts';

const TEXT = /\.(ts|mts|js|mjs|cjs|json|jsonc|md|yaml|yml|toml|txt|sql|sh|csv)$|^[^.]+$|\/run$|^\.[\w-]+$/;
const files = committedFiles().filter((file) => TEXT.test(file) && !/(^|\/)LICENSE$/.test(file));

// The patterns are put together so that this file does not contain what it looks for.
function wordPattern(...parts: readonly string[]): RegExp {
  return new RegExp(`\\b(${parts.join('|')})\\b`);
}

function matches(pattern: RegExp, subset: readonly string[]): string[] {
  return subset.flatMap((file) =>
    readText(file)
      .split('\n')
      .flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1} ${line.trim().slice(0, 120)}`] : [])),
  );
}

test('nothing is left to do in committed files', () => {
  const written = files.filter((file) => file !== 'pnpm-lock.yaml');
  expect(matches(wordPattern(['TO', 'DO'].join(''), ['FIX', 'ME'].join('')), written)).toEqual([]);
});

test('no committed file names a folder of somebody’s machine', () => {
  const folders = ['home/[a-z]', 'Users/[A-Za-z]', 'root/', 'work/(main|shared)', 'private/var/'];
  expect(matches(new RegExp(`(^|[^\\w.])/(${folders.join('|')})`), files)).toEqual([]);
});

test('the lockfile names no registry of its own', () => {
  expect(matches(new RegExp(['tarball', ':'].join('')), ['pnpm-lock.yaml'])).toEqual([]);
});

test('committed text ends with one line break and has no carriage returns', () => {
  const wrong = files
    .filter((file) => !file.includes('/fixtures/') && !file.endsWith('.csv'))
    .filter((file) => {
      const text = readText(file);
      return text !== '' && (!text.endsWith('\n') || text.endsWith('\n\n') || text.includes('\r'));
    });
  expect(wrong).toEqual([]);
});
