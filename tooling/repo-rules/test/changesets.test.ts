import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import parseChangeset from '@changesets/parse';
import { describe, expect, it } from 'vitest';
import { PUBLISHED, REPOSITORY } from '../src/workspace.ts';

const FOLDER = path.join(REPOSITORY, '.changeset');
const FILES = readdirSync(FOLDER).filter((name) => name.endsWith('.md') && name !== 'README.md');

describe('changesets', () => {
  const published = new Set(PUBLISHED.map(({ json }) => json.name));

  it.each(FILES)('%s can be read by a release, and names published packages', (name) => {
    const { releases, summary } = parseChangeset(readFileSync(path.join(FOLDER, name), 'utf8'));
    expect(summary).not.toBe('');
    expect(releases.length).toBeGreaterThan(0);
    expect(releases.filter((release) => !published.has(release.name))).toEqual([]);
  });
});
