import { describe, expect, it } from 'vitest';
import { loadYaml, problemsOf } from './load-yaml.ts';

const DATASET = 'version: v1\ndatasets:\n  - from: memory\n    name: t\n';

describe('fields of an append refresh', () => {
  it('are read with their units and columns', async () => {
    const { datasets } = await loadYaml({
      text: `${DATASET}    time_column: at
    time_format: unix_millis
    acceleration:
      refresh_mode: append
      refresh_append_overlap: 90s
      refresh_data_window: 7d
      primary_key: (tenant, "order id")
      indexes: { tenant: enabled, "(note, at)": unique }
      on_conflict: { '("order id", TENANT)': upsert_dedup }`,
    });
    expect(datasets[0]).toMatchObject({ timeColumn: 'at', timeFormat: 'unix_millis' });
    expect(datasets[0]?.acceleration).toMatchObject({
      refreshMode: 'append',
      refreshAppendOverlapMs: 90_000,
      refreshDataWindowMs: 604_800_000,
      primaryKey: ['tenant', 'order id'],
      indexes: [
        { columns: ['tenant'], unique: false },
        { columns: ['note', 'at'], unique: true },
      ],
      onConflict: 'upsert_dedup',
    });
  });

  const needsTime = 'needs `time_column`: without it nothing tells which rows are new';
  const timeHint = 'Add `time_column` to the dataset, or use `refresh_mode: full`';
  it.each<[string, string, readonly string[]]>([
    [
      'append without a time column',
      `${DATASET}    acceleration: { refresh_mode: append }`,
      [`invalid_config 5:21 dataset t: \`acceleration.refresh_mode\` append ${needsTime} | ${timeHint}`],
    ],
    [
      'a window without a time column',
      `${DATASET}    acceleration: { refresh_data_window: 1d }`,
      [`invalid_config 5:21 dataset t: \`acceleration.refresh_data_window\` ${needsTime} | ${timeHint}`],
    ],
    [
      'a format without a column',
      `${DATASET}    time_format: date`,
      ['invalid_config 5:5 dataset t: `time_format` needs `time_column` | Name the column, or remove the format'],
    ],
    [
      'an overlap where everything is read again',
      `${DATASET}    time_column: at\n    acceleration: { refresh_mode: full, refresh_append_overlap: 1h }`,
      [
        'invalid_config 6:41 dataset t: `acceleration.refresh_append_overlap` has no meaning where `refresh_mode` is full | Remove it, or set `refresh_mode: append`',
      ],
    ],
    [
      'an overlap without a unit',
      `${DATASET}    time_column: at\n    acceleration: { refresh_append_overlap: "90" }`,
      [
        'invalid_config 6:21 dataset t: `acceleration.refresh_append_overlap` must be a duration with a unit | Write for example 30s, 5m or 1h',
      ],
    ],
    [
      'an overlap that is a number',
      `${DATASET}    time_column: at\n    acceleration: { refresh_append_overlap: 90 }`,
      [
        'invalid_config 6:21 dataset t: `acceleration.refresh_append_overlap` must be text and is a number | Write a duration with its unit, for example 30s, 5m or 1h',
      ],
    ],
    [
      'a misspelled format',
      `${DATASET}    time_column: at\n    time_format: unix_second`,
      [
        'invalid_config 6:5 dataset t: `time_format` must be one of timestamp, timestamptz, unix_seconds, unix_millis, ISO8601, date | Did you mean unix_seconds?',
      ],
    ],
    ...['(a,', 'a, b', '(a, A)', '()', '"a', '(a b)) c'].map((key): [string, string, readonly string[]] => [
      `the key ${key}`,
      `${DATASET}    acceleration: { primary_key: '${key}' }`,
      [
        'invalid_config 5:21 dataset t: `acceleration.primary_key` must name columns, each once | Write one column, or several as (a, b)',
      ],
    ]),
    [
      'an index of another kind',
      `${DATASET}    acceleration: { indexes: { a: primary } }`,
      ['invalid_config 5:32 dataset t: `acceleration.indexes.a` must be one of enabled, unique'],
    ],
    [
      'a conflict without a key',
      `${DATASET}    acceleration: { on_conflict: { a: drop } }`,
      [
        'invalid_config 5:21 dataset t: `acceleration.on_conflict` needs a primary key | Add `primary_key`, or leave `on_conflict` out',
      ],
    ],
    [
      'a conflict over other columns',
      `${DATASET}    acceleration: { primary_key: a, on_conflict: { b: drop } }`,
      [
        'invalid_config 5:37 dataset t: `acceleration.on_conflict` must have one entry, under the columns of the primary key | Write the columns as `primary_key` has them',
      ],
    ],
  ])('refuses %s', async (_, text, problems) => {
    expect(await problemsOf(loadYaml({ text }))).toEqual(problems);
  });
});
