import { describe, expect, it } from 'vitest';
import { loadYaml, problemsOf } from './load-yaml.ts';

const DATASET = 'version: v1\ndatasets:\n  - from: memory\n    name: t\n';

describe('fields of the refresh schedule', () => {
  it('are read with their units', async () => {
    const { datasets, datasetLoadParallelism } = await loadYaml({
      text: `${DATASET}    acceleration:
      refresh_check_interval: 10m
      refresh_jitter_enabled: true
      refresh_on_startup: always
      refresh_retry_max_attempts: 3
  - from: memory
    name: s.u
    depends_on: [T]
    acceleration: { refresh_cron: "0 3 * * MON-FRI", refresh_retry_enabled: false }
runtime: { dataset_load_parallelism: 4 }`,
    });
    expect(datasetLoadParallelism).toBe(4);
    expect(datasets[0]?.acceleration).toMatchObject({
      refreshCheckIntervalMs: 600_000,
      refreshJitterMs: 60_000,
      refreshOnStartup: 'always',
      refreshMaxRetries: 3,
    });
    expect(datasets[1]).toMatchObject({
      dependsOn: ['T'],
      acceleration: { refreshCron: '0 3 * * MON-FRI', refreshMaxRetries: 0 },
    });
  });

  it.each<[string, string, readonly string[]]>([
    [
      'an interval and a pattern',
      `${DATASET}    acceleration: { refresh_check_interval: 1m, refresh_cron: "* * * * *" }`,
      [
        'invalid_config 5:49 dataset t: it has both `acceleration.refresh_check_interval` and `acceleration.refresh_cron` | Keep one of them',
      ],
    ],
    ...['61 * * * *', 'tomorrow', '0 0 30 2 *'].map((pattern): [string, string, readonly string[]] => [
      `the pattern ${pattern}`,
      `${DATASET}    acceleration: { refresh_cron: "${pattern}" }`,
      [
        'invalid_config 5:21 dataset t: `acceleration.refresh_cron` must be a cron pattern whose time comes | Write minute, hour, day, month and day of the week in UTC, for example "0 3 * * *"',
      ],
    ]),
    [
      'a jitter without a bound',
      `${DATASET}    acceleration: { refresh_jitter_enabled: true }`,
      [
        'invalid_config 5:21 dataset t: `acceleration.refresh_jitter_enabled` needs `refresh_jitter_max` where there is no `refresh_check_interval` | Add the bound, for example `refresh_jitter_max: 1m`',
      ],
    ],
    [
      'a bound without jitter',
      `${DATASET}    acceleration: { refresh_jitter_max: 1m }`,
      [
        'invalid_config 5:21 dataset t: `acceleration.refresh_jitter_max` has no meaning without `refresh_jitter_enabled: true` | Enable the jitter, or remove the bound',
      ],
    ],
    [
      'retries that are switched off and counted',
      `${DATASET}    acceleration: { refresh_retry_enabled: false, refresh_retry_max_attempts: 2 }`,
      [
        'invalid_config 5:51 dataset t: `acceleration.refresh_retry_max_attempts` has no meaning where `refresh_retry_enabled` is false | Remove one of them',
      ],
    ],
    [
      'no retry at all by number',
      `${DATASET}    acceleration: { refresh_retry_max_attempts: 0 }`,
      ['invalid_config 5:21 dataset t: `acceleration.refresh_retry_max_attempts` must be at least 1'],
    ],
    [
      'a limit of nothing',
      'version: v1\nruntime: { dataset_load_parallelism: 0 }',
      ['invalid_config 2:12 configuration: `runtime.dataset_load_parallelism` must be at least 1'],
    ],
    [
      'a ready state without acceleration',
      `${DATASET}    ready_state: on_registration`,
      [
        'invalid_config 5:5 dataset t: `ready_state` has no meaning without `acceleration` | Remove it: the dataset is read from its source at every query',
      ],
    ],
    [
      'a ready state in the wrong place',
      `${DATASET}    acceleration: { ready_state: on_load }`,
      [
        'unknown_field 5:21 dataset t: there is no field `acceleration.ready_state` | It belongs in an entry of `datasets`',
      ],
    ],
    [
      'a misspelled limit',
      'version: v1\nruntime: { dataset_load_paralelism: 2 }',
      [
        'unknown_field 2:12 configuration: there is no field `runtime.dataset_load_paralelism` | Did you mean `dataset_load_parallelism`?',
      ],
    ],
    [
      'a later field of the runtime',
      'version: v1\nruntime: { task_history: {} }',
      ['not_yet_supported 2:12 configuration: `runtime.task_history` is not supported yet | Remove it for now'],
    ],
    [
      'a dependency that is not there',
      `${DATASET}    depends_on: [tt]`,
      ['invalid_config 5:5 dataset t: `depends_on` names tt, and there is no such dataset | Did you mean t?'],
    ],
    [
      'a circle',
      `${DATASET}    depends_on: [u]\n  - { from: memory, name: u, depends_on: [T] }`,
      [
        'invalid_config 5:5 dataset t: `depends_on` leads back to the dataset: t → u → t | Break the circle',
        'invalid_config 6:30 dataset u: `depends_on` leads back to the dataset: u → t → u | Break the circle',
      ],
    ],
  ])('refuses %s', async (_, text, problems) => {
    expect(await problemsOf(loadYaml({ text }))).toEqual(problems);
  });
});
