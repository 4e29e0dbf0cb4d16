import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { History, historyFile } from './history.ts';

const folder = mkdtempSync(join(tmpdir(), 'millrace-history-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('keeps whole statements from session to session, for the owner alone', () => {
  const file = join(folder, 'history');
  const history = History.open(file);
  history.add('SELECT 1,\n  2;');
  history.add('.tables');
  history.add('.tables');
  expect(History.open(file).newestFirst).toEqual(['.tables', 'SELECT 1,\n  2;']);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

it('stays bounded, and skips lines that are not its own', () => {
  const file = join(folder, 'long');
  const lines = Array.from({ length: 2_500 }, (_, index) => `${JSON.stringify(`SELECT ${index};`)}\n`);
  writeFileSync(file, `not json\n42\n${lines.join('')}`);
  expect(History.open(file).newestFirst.slice(0, 2)).toEqual(['SELECT 2499;', 'SELECT 2498;']);
  expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(1_001);
});

it('is not worth an error', () => {
  const history = History.open(join(folder, 'no', 'such', 'folder'));
  history.add('SELECT 1;');
  expect(history.newestFirst).toEqual(['SELECT 1;']);
  expect(History.open(undefined).newestFirst).toEqual([]);
});

it('stands where MILLRACE_HISTORY says', () => {
  expect(historyFile({ MILLRACE_HISTORY: '/x/y' })).toBe('/x/y');
  expect(historyFile({ MILLRACE_HISTORY: '' })).toBeUndefined();
  expect(historyFile({})).toMatch(/\.millrace_history$/);
});
