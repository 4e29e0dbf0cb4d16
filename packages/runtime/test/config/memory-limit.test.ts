import { expect, it } from 'vitest';
import { loadYaml, problemsOf } from './load-yaml.ts';

it.each([
  ['2GiB', { kind: 'bytes', bytes: 2 ** 31 }],
  ['"60%"', { kind: 'percent', percent: 60 }],
])('reads runtime.memory_limit %s', async (text, limit) => {
  expect((await loadYaml({ text: `version: v1\nruntime: { memory_limit: ${text} }` })).memoryLimit).toEqual(limit);
});

it('leaves a memory limit that is not there to the default', async () => {
  expect(await loadYaml({ text: 'version: v1\nruntime: {}' })).not.toHaveProperty('memoryLimit');
});

it.each(['much', '120%', '100MiB', '"-1GiB"'])('refuses runtime.memory_limit %s', async (text) => {
  expect(await problemsOf(loadYaml({ text: `version: v1\nruntime: { memory_limit: ${text} }` }))).toEqual([
    'invalid_config 2:12 configuration: `runtime.memory_limit` must be a size of at least 128MiB, or a percentage such as 50% | Write for example 2GiB or 50%',
  ]);
});

it('says how a limit without a unit is written', async () => {
  expect(await problemsOf(loadYaml({ text: 'version: v1\nruntime: { memory_limit: 2147483648 }' }))).toEqual([
    'invalid_config 2:12 configuration: `runtime.memory_limit` must be text and is a number | Write a size with its unit, for example 2GiB, or a percentage such as 50%',
  ]);
});
