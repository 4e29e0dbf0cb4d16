import type { Expr } from '@millrace/core';
import { type DuckDbConnection, type DuckDbDatabase, openDatabase } from '@millrace/duckdb';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { SemanticsProfile } from '../src/index.ts';
import type * as Comparison from '../src/translate/comparison.ts';
import type * as ConditionModule from '../src/translate/condition.ts';
import type * as Junction from '../src/translate/junction.ts';
import type * as LikePattern from '../src/translate/like-pattern.ts';
import type * as Membership from '../src/translate/membership.ts';
import type * as PlaceLiteral from '../src/translate/place-literal.ts';
import { randomExpression } from './random-expression.ts';
import {
  createDuckDbTarget,
  createSqliteTarget,
  type SampleTarget,
  SQLITE_PROFILE,
  WIDE_PROFILE,
} from './sample-targets.ts';
import { createOracle, judge, type Oracle } from './soundness.ts';

/** Most expressions tried before a mutant counts as unnoticed; the property test tries as many. */
const MAX_TRIES = 2_000;
const TIMEOUT_MS = 120_000;

let database: DuckDbDatabase;
let connection: DuckDbConnection;
let oracle: Oracle;
let exactTarget: SampleTarget;
beforeAll(async () => {
  database = await openDatabase({ path: ':memory:', threads: 1 });
  connection = await database.connect();
  oracle = await createOracle(connection);
  exactTarget = await createDuckDbTarget(connection);
});
afterAll(() => database.close());
afterEach(() => {
  vi.doUnmock('../src/translate/comparison.ts');
  vi.doUnmock('../src/translate/condition.ts');
  vi.doUnmock('../src/translate/junction.ts');
  vi.doUnmock('../src/translate/like-pattern.ts');
  vi.doUnmock('../src/translate/membership.ts');
  vi.doUnmock('../src/translate/place-literal.ts');
});

/** The first complaint about the kit as it is mocked now, over the property test's own expressions. */
async function firstComplaint(target: SampleTarget): Promise<string | undefined> {
  vi.resetModules();
  const { translateFilter } = await import('../src/translate-filter.ts');
  for (const expr of fc.sample(randomExpression, { numRuns: MAX_TRIES, seed: 7 })) {
    const { complaint } = await judge(expr, translateFilter, target, oracle);
    if (complaint !== undefined) return complaint;
  }
  return undefined;
}

/** Defects of profiles: claims that are not true of SQLite. */
const FALSE_PROFILES: Readonly<Record<string, SemanticsProfile>> = {
  'a wider equality taken for the same': {
    ...SQLITE_PROFILE,
    column: (column) => ({ ...SQLITE_PROFILE.column(column), equality: 'same' }),
  },
  'a linguistic order taken for bytes': {
    ...SQLITE_PROFILE,
    column: (column) => ({ ...SQLITE_PROFILE.column(column), order: 'same' }),
  },
  'a LIKE that ignores case taken for the same': {
    ...SQLITE_PROFILE,
    column: (column) => ({ ...SQLITE_PROFILE.column(column), pattern: 'same' }),
  },
  'LIKE believed to follow the collation': {
    ...SQLITE_PROFILE,
    column: (column) => {
      const { patternAsBytes: _, ...semantics } = SQLITE_PROFILE.column(column);
      return semantics;
    },
  },
  'a source without NaN asked for it': { ...SQLITE_PROFILE, nan: 'same' },
  'a function that folds more letters': { ...SQLITE_PROFILE, isEqualFunction: () => true },
};

test.each(Object.entries(FALSE_PROFILES))(
  'the property test notices %s',
  async (_, profile) => {
    expect(await firstComplaint(createSqliteTarget(profile))).toBeDefined();
  },
  TIMEOUT_MS,
);

/** Defects of the translator itself. */
const MUTANTS: Readonly<Record<string, () => void>> = {
  'a part of OR that disappears': () =>
    vi.doMock('../src/translate/junction.ts', async (load) => {
      const actual = await load<typeof Junction>();
      return {
        ...actual,
        disjunction: (parts: never[]) => actual.disjunction(parts.filter((part) => part !== undefined)),
      };
    }),
  'a weakened AND that claims to be exact': () =>
    vi.doMock('../src/translate/junction.ts', async (load) => {
      const actual = await load<typeof Junction>();
      return {
        ...actual,
        conjunction: (parts: never[]) => actual.conjunction(parts.filter((part) => part !== undefined)),
      };
    }),
  'a wider condition that is negated as text': () =>
    vi.doMock('../src/translate/condition.ts', async (load) => {
      const actual = await load<typeof ConditionModule>();
      const toCondition: typeof actual.toCondition = (expr, wanted, translation) => {
        if (expr.kind !== 'call' || expr.function !== 'not') return actual.toCondition(expr, wanted, translation);
        const inner = actual.toCondition(expr.args[0]!, 'true', translation);
        return inner && { ...inner, sql: `NOT (${inner.sql})` };
      };
      return { ...actual, toCondition };
    }),
  'IS DISTINCT FROM written as <>': () =>
    vi.doMock('../src/translate/comparison.ts', async (load) => {
      const actual = await load<typeof Comparison>();
      const compare: typeof actual.compare = (call, wanted, translation) =>
        actual.compare(call.function === 'distinct' ? { ...call, function: 'ne' } : call, wanted, translation);
      return { ...actual, compare };
    }),
  'a NULL in NOT IN that is overlooked': () =>
    vi.doMock('../src/translate/membership.ts', async (load) => {
      const actual = await load<typeof Membership>();
      const membership: typeof actual.membership = (call, wanted, translation) =>
        actual.membership(
          { ...call, args: call.args.filter((arg: Expr) => arg.kind !== 'literal' || arg.value !== null) },
          wanted,
          translation,
        );
      return { ...actual, membership };
    }),
  'a pattern whose text is not escaped': () =>
    vi.doMock('../src/translate/like-pattern.ts', async (load) => {
      const actual = await load<typeof LikePattern>();
      const writeLikePattern: typeof actual.writeLikePattern = (parts) => ({
        pattern: parts.map((part) => (part.kind === 'text' ? part.text : part.kind === 'any_run' ? '%' : '_')).join(''),
        escapeCharacter: '!',
      });
      return { ...actual, writeLikePattern };
    }),
  'a fraction taken for the whole number below': () =>
    vi.doMock('../src/translate/place-literal.ts', async (load) => {
      const actual = await load<typeof PlaceLiteral>();
      const placeLiteral: typeof actual.placeLiteral = (...given) => {
        const placed = actual.placeLiteral(...given);
        return placed?.place === 'just_below' ? { ...placed, place: 'at' } : placed;
      };
      return { ...actual, placeLiteral };
    }),
  'a literal out of range taken for below': () =>
    vi.doMock('../src/translate/place-literal.ts', async (load) => {
      const actual = await load<typeof PlaceLiteral>();
      const placeLiteral: typeof actual.placeLiteral = (...given) => {
        const placed = actual.placeLiteral(...given);
        return placed?.place === 'above' ? { place: 'below' } : placed;
      };
      return { ...actual, placeLiteral };
    }),
};

test.each(Object.entries(MUTANTS))(
  'the property test notices %s',
  async (_, mutate) => {
    mutate();
    const complaint = (await firstComplaint(createSqliteTarget(WIDE_PROFILE))) ?? (await firstComplaint(exactTarget));
    expect(complaint).toBeDefined();
  },
  TIMEOUT_MS,
);

test(
  'the property test has nothing to say without a mutant',
  async () => {
    expect(await firstComplaint(createSqliteTarget(WIDE_PROFILE))).toBeUndefined();
    expect(await firstComplaint(exactTarget)).toBeUndefined();
  },
  TIMEOUT_MS,
);
