import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CONNECTOR_CHECKS, type ConnectorSuite, runConnectorChecks } from '../src/index.ts';
import { patience } from '../src/read/wait.ts';
import { CATALOG_MUTANTS } from './catalog-mutants.ts';
import { CONNECTOR_MUTANTS } from './connector-mutants.ts';
import { FILTER_MUTANTS } from './filter-mutants.ts';
import type { Mutant } from './mutate.ts';
import { MODEL_CAPABILITIES, openModel } from './open-model.ts';
import { POOL_SIZE } from './remote.ts';
import { SCAN_MUTANTS } from './scan-mutants.ts';
import { STAGE_MUTANTS } from './stage-mutants.ts';
import { VALUE_MUTANTS } from './value-mutants.ts';

const MUTANTS: readonly Mutant[] = [
  ...CONNECTOR_MUTANTS,
  ...CATALOG_MUTANTS,
  ...SCAN_MUTANTS,
  ...VALUE_MUTANTS,
  ...FILTER_MUTANTS,
  ...STAGE_MUTANTS,
];

/** Checks that need an engine have their mutants where an engine is: in the package that adapts one. */
const CHECKS = CONNECTOR_CHECKS.filter(({ chapter }) => chapter !== 'sql');

function suiteOf(mutant?: Mutant): ConnectorSuite {
  return {
    name: mutant?.name ?? 'model',
    capabilities: MODEL_CAPABILITIES,
    open: () => openModel(mutant?.mutate),
    poolSize: POOL_SIZE,
    size: 'reduced',
  };
}

test('the model passes every check, and no check skips it', { timeout: 600_000 }, async () => {
  const { results } = await runConnectorChecks(
    suiteOf(),
    CHECKS.map(({ id }) => id),
  );
  const others = results.filter(({ outcome }) => outcome.kind !== 'passed');
  expect(others.map(({ check, outcome }) => `${check.id}: ${JSON.stringify(outcome)}`)).toEqual([]);
  expect(results).toHaveLength(CHECKS.length);
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
    'one that %s is found',
    { timeout: 300_000 },
    async (_, mutant) => {
      const listeners = process.listeners('unhandledRejection');
      // The runner would take the mutant's forgotten promise for its own; the suite listens in its place.
      if (mutant.found.includes('faults/no-unhandled-rejections')) process.removeAllListeners('unhandledRejection');
      try {
        const ids = mutant.found.includes('faults/no-unhandled-rejections')
          ? [...mutant.found, 'scan/all-rows']
          : mutant.found;
        const { results } = await runConnectorChecks(suiteOf(mutant), ids);
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
    expect(CHECKS.map(({ id }) => id).filter((id) => !found.has(id))).toEqual([]);
  });

  test('have names of their own', () => {
    expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length);
  });
});
