import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { checkConfigSql, loadConfig, type RuntimeConfigInput } from '../../src/index.ts';

describe('the SQL of a configuration', () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-config-sql-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  async function problemsOf(yaml: string): Promise<readonly string[]> {
    const file = join(folder, 'millrace.yaml');
    writeFileSync(file, `version: v1\n${yaml}`);
    const problems = await checkConfigSql(await loadConfig({ configPath: file }));
    return problems.map(({ code, component, reason, location }) => {
      const place = location ? `${location.file.replace(`${folder}/`, '')}:${location.line}:${location.column}` : '';
      return `${place} ${code} ${component}: ${reason}`;
    });
  }
  const view = (sql: string) => `datasets:\n  - from: file:a.csv\n    name: a\nviews:\n  - name: v\n    sql: ${sql}\n`;

  it.each([
    ['in a block', view('|\n      SELECT id,\n        at\n      FROM a'), 'millrace.yaml:10:7 sql_syntax view v'],
    [
      'in a block behind empty lines',
      view('|-  # kept\n\n\n        SELECT at FROM a'),
      'millrace.yaml:10:19 sql_syntax view v',
    ],
    ['in one line', view('SELECT at FROM a'), 'millrace.yaml:7:20 sql_syntax view v'],
    ['in quotes', view(`"SELECT at FROM a"`), 'millrace.yaml:7:21 sql_syntax view v'],
    [
      'in a text that is folded, at its field',
      view('>\n      SELECT id,\n      at FROM a'),
      'millrace.yaml:7:5 sql_syntax view v',
    ],
    ['in quotes with escapes, at its field', view(`"SELECT\\t'x', at FROM a"`), 'millrace.yaml:7:5 sql_syntax view v'],
  ])('is parsed, and a mistake has its place, %s', async (_, yaml, expected) => {
    expect(await problemsOf(yaml)).toEqual([`${expected}: syntax error at or near "FROM"`]);
  });

  it('has its place in a file of its own', async () => {
    writeFileSync(join(folder, 'v.sql'), 'SELECT id\nFROM a WHERE\n');
    const yaml = 'datasets:\n  - { from: "file:a.csv", name: a }\nviews:\n  - { name: v, sql_ref: v.sql }\n';
    expect(await problemsOf(yaml)).toEqual(['v.sql:2:13 sql_syntax view v: syntax error at end of input']);
  });

  it.each<[string, RuntimeConfigInput, readonly string[]]>([
    ['more than one statement', { views: [{ name: 'v', sql: 'SELECT 1; SELECT 2' }] }, ['sql_refused']],
    ['a statement that writes', { views: [{ name: 'v', sql: 'DELETE FROM a' }] }, ['sql_refused']],
    ['a listing', { views: [{ name: 'v', sql: 'SHOW TABLES' }] }, ['sql_refused']],
    ['a function that reads a file', { views: [{ name: 'v', sql: `FROM read_csv('x.csv')` }] }, ['sql_refused']],
    [
      'a name of nothing',
      {
        views: [
          { name: 'v', sql: 'FROM b' },
          { name: 'w', sql: 'FROM v JOIN k.x.y ON true' },
        ],
      },
      ['unknown_table'],
    ],
    [
      'a circle',
      {
        views: [
          { name: 'v', sql: 'FROM w' },
          { name: 'w', sql: 'FROM v' },
        ],
      },
      ['invalid_config'],
    ],
    [
      'two mistakes',
      {
        views: [
          { name: 'v', sql: 'SELECT at' },
          { name: 'w', sql: 'SELECT (' },
        ],
      },
      ['sql_syntax', 'sql_syntax'],
    ],
    [
      'names that are there, and a CTE',
      {
        views: [
          { name: 'v', sql: 'WITH c AS (FROM a) SELECT * FROM c, k.x.y' },
          { name: 'w', sql: 'FROM V' },
        ],
      },
      [],
    ],
  ])('is checked for %s', async (_, config, codes) => {
    const resolved = await loadConfig({
      config: { ...config, datasets: [{ from: 'file:a.csv', name: 'a' }], catalogs: [{ from: 'pg', name: 'k' }] },
    });
    expect((await checkConfigSql(resolved)).map(({ code }) => code)).toEqual(codes);
  });

  it('is that of copies, too', async () => {
    const yaml = (acceleration: string) =>
      `datasets:\n  - from: file:a.csv\n    name: a\n    acceleration:\n      ${acceleration}\n  - { from: "file:b.csv", name: b }\n`;
    const retained = (condition: string) =>
      yaml(
        `{ retention_check_enabled: true, retention_check_interval: 1h, retention_sql: DELETE FROM a WHERE ${condition} }`,
      );
    expect(await problemsOf(yaml('refresh_sql: SELECT at FROM a'))).toEqual([
      'millrace.yaml:6:30 sql_syntax dataset a: `acceleration.refresh_sql`: syntax error at or near "FROM"',
    ]);
    expect(await problemsOf(yaml('refresh_sql: SELECT id FROM b'))).toEqual([
      'millrace.yaml:6:7 invalid_config dataset a: `acceleration.refresh_sql`: it reads b',
    ]);
    expect(await problemsOf(retained('at <'))).toEqual([
      expect.stringMatching(/^millrace\.yaml:6:\d+ sql_syntax dataset a: `acceleration\.retention_sql`: syntax error/),
    ]);
    expect(await problemsOf(retained('id < 3'))).toEqual([]);
    expect(await problemsOf(yaml('refresh_sql: SELECT id FROM a WHERE id > 3'))).toEqual([]);
  });
});
