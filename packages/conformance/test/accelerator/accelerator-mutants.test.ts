import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AccelerationMode } from '@millrace/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ACCELERATOR_CHECKS, type AcceleratorSuite, runAcceleratorChecks } from '../../src/index.ts';
import { patience } from '../../src/read/wait.ts';
import { APPEND_MUTANTS } from './append-mutants.ts';
import { CHANGE_MUTANTS } from './change-mutants.ts';
import { FILE_MUTANTS } from './file-mutants.ts';
import { INDEX_MUTANTS } from './index-mutants.ts';
import { createModelAccelerator } from './model-accelerator.ts';
import type { AcceleratorMutant } from './mutate-accelerator.ts';
import { QUERY_MUTANTS } from './query-mutants.ts';
import { REFRESH_MUTANTS } from './refresh-mutants.ts';
import { sharedMutants } from './shared-mutants.ts';
import { TABLE_MUTANTS } from './table-mutants.ts';

const OWN_MUTANTS: readonly AcceleratorMutant[] = [
  ...TABLE_MUTANTS,
  ...REFRESH_MUTANTS,
  ...APPEND_MUTANTS,
  ...CHANGE_MUTANTS,
  ...FILE_MUTANTS,
  ...INDEX_MUTANTS,
  ...QUERY_MUTANTS,
];
const MUTANTS: readonly AcceleratorMutant[] = [
  ...OWN_MUTANTS,
  ...sharedMutants(new Set(OWN_MUTANTS.flatMap(({ found }) => found))),
];

/** Checks that need an engine have their mutants where an engine is: in the package that adapts one. */
const CHECKS = ACCELERATOR_CHECKS.map(({ id }) => id).filter((id) => !id.startsWith('queries/sql-'));

const UNHANDLED = 'queries/no-unhandled-rejections';

function suiteOf(
  mutant?: AcceleratorMutant,
  modes: readonly AccelerationMode[] = ['memory', 'file'],
): AcceleratorSuite {
  return {
    name: mutant?.name ?? 'model',
    capabilities: { modes, refresh: ['full', 'append', 'changes'] },
    size: 'reduced',
    async open() {
      const plugin = createModelAccelerator(mutant?.modes ?? modes);
      const dataDirectory = await mkdtemp(join(tmpdir(), 'millrace-model-'));
      return {
        plugin: mutant === undefined ? plugin : mutant.mutate(plugin),
        dataDirectory,
        memoryLimit: (bytes) => ({ model_memory_limit: String(bytes) }),
        close: () => rm(dataDirectory, { recursive: true, force: true }),
      };
    },
  };
}

test('the model passes every check, and none skips it in all modes', { timeout: 600_000 }, async () => {
  const passed = new Set<string>();
  const runs: readonly (readonly [readonly AccelerationMode[], AccelerationMode, readonly string[]])[] = [
    [['memory', 'file'], 'memory', CHECKS.filter((id) => !id.startsWith('files/'))],
    [['memory', 'file'], 'file', CHECKS.filter((id) => !id.startsWith('queries/'))],
    [['memory'], 'memory', ['table/unlisted-modes-are-refused']],
  ];
  for (const [modes, mode, ids] of runs) {
    const { results } = await runAcceleratorChecks(suiteOf(undefined, modes), { mode, ids });
    const failed = results.filter(({ outcome }) => outcome.kind === 'failed');
    expect(failed.map(({ check, outcome }) => `${mode} ${check.id}: ${JSON.stringify(outcome)}`)).toEqual([]);
    for (const { check, outcome } of results) if (outcome.kind === 'passed') passed.add(check.id);
  }
  expect(CHECKS.filter((id) => !passed.has(id))).toEqual([]);
});

describe('mutants', () => {
  // Some of them hang.
  beforeAll(() => {
    patience.factor = 1 / 6;
  });
  afterAll(() => {
    patience.factor = 1;
  });

  test.each(MUTANTS.map((mutant) => [mutant.name, mutant] as const))(
    'an accelerator that %s is found',
    { timeout: 300_000 },
    async (_, mutant) => {
      const listeners = process.listeners('unhandledRejection');
      const isForgetful = mutant.found.includes(UNHANDLED);
      // The runner would take the mutant's forgotten promise for its own; the suite listens in its place.
      if (isForgetful) process.removeAllListeners('unhandledRejection');
      try {
        const ids = isForgetful ? [...mutant.found, 'refresh/replaces-all-rows'] : mutant.found;
        const { results } = await runAcceleratorChecks(suiteOf(mutant, mutant.modes), { mode: mutant.mode, ids });
        const missed = results.filter(
          ({ check, outcome }) => mutant.found.includes(check.id) && outcome.kind !== 'failed',
        );
        expect(missed.map(({ check, outcome }) => `${check.id}: ${JSON.stringify(outcome)}`)).toEqual([]);
        for (const { outcome } of results)
          if (outcome.kind === 'failed')
            expect(outcome.error.message).toMatch(/^expected: .+\nfound: +[\s\S]+\nFix: .+/);
      } finally {
        for (const listener of listeners)
          if (!process.listeners('unhandledRejection').includes(listener)) process.on('unhandledRejection', listener);
      }
    },
  );

  test('there is one for every check', () => {
    const found = new Set(MUTANTS.flatMap((mutant) => mutant.found));
    expect(CHECKS.filter((id) => !found.has(id))).toEqual([]);
  });

  test('have names of their own', () => {
    expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length);
  });
});
