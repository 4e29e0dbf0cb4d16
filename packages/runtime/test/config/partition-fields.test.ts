import { describe, expect, it } from 'vitest';
import { loadYaml, problemsOf } from './load-yaml.ts';

const DATASET = 'version: v1\ndatasets:\n  - from: memory\n    name: t\n    acceleration:\n      partition_by: ';

describe('partition_by', () => {
  it('is read', async () => {
    const { datasets } = await loadYaml({
      text: `${DATASET}[region, '"order id"', 'bucket(16, id)', 'TRUNCATE( 100 , "a b" )', "date_trunc('month', at)", year(at), month(at), "date_part('dayofweek', at)", "date_part('year', at)", HOUR(at)]`,
    });
    expect(datasets[0]?.acceleration?.partitionBy).toEqual([
      { kind: 'identity', column: 'region' },
      { kind: 'identity', column: 'order id' },
      { kind: 'bucket', column: 'id', count: 16 },
      { kind: 'truncate', column: 'a b', width: 100 },
      { kind: 'date_trunc', column: 'at', unit: 'month' },
      { kind: 'date_trunc', column: 'at', unit: 'year' },
      { kind: 'date_part', column: 'at', part: 'month' },
      { kind: 'date_part', column: 'at', part: 'dayofweek' },
      { kind: 'date_trunc', column: 'at', unit: 'year' },
      { kind: 'date_part', column: 'at', part: 'hour' },
    ]);
  });

  it.each([
    ['bucket(0, id)', 'Write bucket(16, column) with a whole number above 0'],
    ['bucket(id)', 'Write bucket(16, column) with a whole number above 0'],
    [
      "date_trunc('century', at)",
      "Name one of the periods year, quarter, month, week, day, hour: date_trunc('month', column)",
    ],
    [
      "date_part('epoch', at)",
      "Name one of the parts year, quarter, month, week, day, dayofweek, dayofyear, hour, minute: date_part('month', column)",
    ],
    [
      'month(3, at)',
      "Write column, bucket(16, column), truncate(100, column), date_trunc('month', column), year(column) or month(column)",
    ],
    [
      'hash(id)',
      "Write column, bucket(16, column), truncate(100, column), date_trunc('month', column), year(column) or month(column)",
    ],
    ['bucket(4, lower(name))', 'Name one column, in quotes where it is no word'],
    ['a, b', 'Name one column, in quotes where it is no word'],
  ])('is not %s', async (text, hint) => {
    expect(await problemsOf(loadYaml({ text: `${DATASET}[${JSON.stringify(text)}]` }))).toEqual([
      `invalid_config 6:22 dataset t: \`acceleration.partition_by\` cannot be ${text} | ${hint}`,
    ]);
  });
});
