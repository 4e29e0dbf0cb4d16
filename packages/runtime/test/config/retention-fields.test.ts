import { describe, expect, it } from 'vitest';
import { loadYaml, problemsOf } from './load-yaml.ts';

const DATASET = 'version: v1\ndatasets:\n  - from: memory\n    name: s.t\n    time_column: at\n    acceleration:\n';

describe('fields of retention', () => {
  it.each([
    ['DELETE FROM s.t WHERE a = 1', 'a = 1'],
    ['delete from "S"."t"\nwhere a = \';\' -- b\n;', "a = ';'"],
  ])('reads %s', async (sql, condition) => {
    const { datasets, warnings } = await loadYaml({
      text: `${DATASET}      retention_check_enabled: true
      retention_check_interval: 5m
      retention_period: 30d
      retention_sql: ${JSON.stringify(sql)}`,
    });
    expect(datasets[0]?.acceleration?.retention).toEqual({ intervalMs: 300_000, periodMs: 2_592_000_000, condition });
    expect(warnings).toEqual([]);
  });

  it('warns where retention is not switched on', async () => {
    const { datasets, warnings } = await loadYaml({ text: `${DATASET}      retention_period: 30d` });
    expect(datasets[0]?.acceleration?.retention).toBeUndefined();
    expect(warnings).toMatchObject([{ message: expect.stringContaining('retention_check_enabled: true') }]);
  });

  const enabled = `${DATASET}      retention_check_enabled: true\n      retention_check_interval: 5m\n`;
  const wrongSql =
    'invalid_config 9:7 dataset s.t: `acceleration.retention_sql` must be a DELETE of rows of this dataset | Write DELETE FROM s.t WHERE and a condition';
  it.each<[string, string, readonly string[]]>([
    [
      'no interval',
      `${DATASET}      retention_check_enabled: true\n      retention_period: 1d`,
      [
        'invalid_config 7:7 dataset s.t: retention needs `acceleration.retention_check_interval` | Write for example 1h',
      ],
    ],
    [
      'no rule',
      enabled,
      [
        'invalid_config 7:7 dataset s.t: retention needs `acceleration.retention_period` or `acceleration.retention_sql` | Say which rows are removed',
      ],
    ],
    [
      'a period without a time column',
      `${enabled}      retention_period: 1d`.replace('    time_column: at\n', ''),
      [
        'invalid_config 8:7 dataset s.t: `acceleration.retention_period` needs `time_column`: without it nothing tells how old a row is | Add `time_column` to the dataset, or use `retention_sql`',
      ],
    ],
    ...[
      'DELETE FROM s.t',
      'DELETE FROM s.t WHERE',
      'DELETE FROM t WHERE a = 1',
      'DELETE FROM s.t USING u WHERE a = 1',
      'DELETE FROM s.t WHERE a = 1; DROP TABLE s.t',
      'DELETE FROM s.t WHERE a = 1) OR (true',
      'DELETE FROM s.t WHERE (a = 1',
      'SELECT 1',
      'a = 1',
    ].map((sql): [string, string, readonly string[]] => [sql, `${enabled}      retention_sql: ${sql}`, [wrongSql]]),
  ])('refuses %s', async (_, text, problems) => {
    expect(await problemsOf(loadYaml({ text }))).toEqual(problems);
  });
});
