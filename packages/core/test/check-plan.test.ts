import { expect, test } from 'vitest';
import {
  type AggregateCall,
  type Applied,
  checkPlan,
  dataTypes,
  type ExecutionPlan,
  type Expr,
  field,
  isMillraceError,
  type PushdownDegree,
  type ScanRequest,
} from '../src/index.ts';
import { isRightResult, type ModelCase, type ModelRequest, runEngine, runProvider } from './model/model-engine.ts';
import { createRandom, type ModelAggregate, randomTable } from './model/model-table.ts';

const TABLES_PER_CASE = process.env.MILLRACE_TEST_FULL === undefined ? 40 : 300;
const DEGREES: readonly PushdownDegree[] = ['none', 'inexact', 'exact'];
const COLUMN: Expr = { kind: 'column', path: ['v'], type: dataTypes.int64() };
const CONDITION: Expr = { kind: 'call', function: 'is_not_null', args: [COLUMN], type: dataTypes.bool() };
const VOLATILE: Expr = { kind: 'call', function: 'random', args: [], type: dataTypes.float64() };

const CALLS: Readonly<Record<ModelAggregate, AggregateCall>> = {
  count: { function: 'count', args: [], distinct: false, type: dataTypes.int64() },
  avg: { function: 'avg', args: [COLUMN], distinct: false, type: dataTypes.float64() },
  count_distinct: { function: 'count', args: [COLUMN], distinct: true, type: dataTypes.int64() },
};

function product<Left, Right>(left: readonly Left[], right: readonly Right[]): (readonly [Left, Right])[] {
  return left.flatMap((first) => right.map((second) => [first, second] as const));
}

function* allCases(): Generator<ModelCase> {
  const rows = product([false, true], [0, 1, 2]);
  const aggregates = [undefined, 'count', 'avg', 'count_distinct'] as const;
  const tails = product([false, true], product([0, 1], [undefined, 2]));
  for (const [[sample, filterCount], [aggregate, [order, [offset, limit]]]] of product(
    rows,
    product(aggregates, tails),
  )) {
    const request: ModelRequest = { sample, filterCount, aggregate, order, offset, limit };
    for (const [applied, partitionCount] of product(allAnswers(request), [1, 2]))
      yield { request, applied, partitionCount };
  }
}

function allAnswers({ sample, filterCount, aggregate, order, offset, limit }: ModelRequest): Applied[] {
  let filters: PushdownDegree[][] = [[]];
  for (let index = 0; index < filterCount; index++)
    filters = product(filters, DEGREES).map(([done, next]) => [...done, next]);
  const samples = sample ? [{ sample: false }, { sample: true }] : [{}];
  const kinds = ['none', 'partial', 'complete'] as const;
  const groups = aggregate === undefined ? [{}] : kinds.map((kind) => ({ aggregate: kind }));
  const orders = order ? DEGREES.map((degree) => ({ order: degree })) : [{}];
  const offsets = offset > 0 ? [{ offset: false }, { offset: true }] : [{}];
  const limits = limit === undefined ? [{}] : DEGREES.map((degree) => ({ limit: degree }));
  return product(product(product(filters, samples), product(groups, orders)), product(offsets, limits)).map(
    ([[[degrees, first], [second, third]], [fourth, fifth]]) => ({
      filters: degrees,
      ...first,
      ...second,
      ...third,
      ...fourth,
      ...fifth,
    }),
  );
}

function toRequest({ sample, filterCount, aggregate, order, offset, limit }: ModelRequest): ScanRequest {
  return {
    projection: [0, 1, 2],
    filters: Array.from({ length: filterCount }, () => CONDITION),
    ...(sample ? { sample: { fraction: 0.5, method: 'system' } } : {}),
    ...(aggregate === undefined ? {} : { aggregate: { groupBy: [COLUMN], calls: [CALLS[aggregate]] } }),
    ...(order ? { order: [{ expr: COLUMN, descending: false, nullsFirst: false }] } : {}),
    ...(offset > 0 ? { offset: BigInt(offset) } : {}),
    ...(limit === undefined ? {} : { limit: BigInt(limit) }),
  };
}

function toPlan(applied: Applied, partitionCount: number): ExecutionPlan {
  const isAggregated = applied.aggregate === 'partial' || applied.aggregate === 'complete';
  const names = isAggregated ? ['g', 'figure'] : ['g', 'v', 'w'];
  return {
    schema: { fields: names.map((name) => field(name, dataTypes.int64())) },
    applied,
    partitions: Array.from({ length: partitionCount }, (_, id) => ({ id, detail: null })),
    execute: () => expect.unreachable(),
    explain: () => ({ source: 'model table' }),
  };
}

function rejection(request: ScanRequest, plan: ExecutionPlan): string | undefined {
  try {
    checkPlan(request, plan);
    return undefined;
  } catch (error) {
    if (isMillraceError(error) && error.code === 'invalid_plan') return error.reason;
    throw error;
  }
}

function findCounterexample(modelCase: ModelCase, seed: number): boolean {
  const random = createRandom(seed);
  for (let attempt = 0; attempt < TABLES_PER_CASE; attempt++) {
    const table = randomTable(random);
    const result = runEngine(modelCase, runProvider(modelCase, table, random), random);
    if (!isRightResult(modelCase.request, table, result)) return true;
  }
  return false;
}

test('whatever is accepted gives a right result, and nearly all that is rejected can give a wrong one', () => {
  let accepted = 0;
  let rejected = 0;
  let refuted = 0;
  const unsound: string[] = [];
  for (const modelCase of allCases()) {
    const { request, applied, partitionCount } = modelCase;
    const isAccepted = rejection(toRequest(request), toPlan(applied, partitionCount)) === undefined;
    const hasCounterexample = findCounterexample(modelCase, accepted * 7919 + rejected);
    if (isAccepted) {
      accepted++;
      if (hasCounterexample) unsound.push(JSON.stringify(modelCase));
    } else {
      rejected++;
      if (hasCounterexample) refuted++;
    }
  }
  console.info(
    `checkPlan: ${accepted} answers accepted, ${unsound.length} unsound; ${rejected} rejected, ${refuted} with a counterexample`,
  );
  expect(unsound.slice(0, 5)).toEqual([]);
  expect(accepted).toBeGreaterThan(1000);
  expect(refuted / rejected).toBeGreaterThan(0.95);
});

const NOTHING: ScanRequest = { projection: [0, 1, 2], filters: [] };
const ORDER = [{ expr: COLUMN, descending: false, nullsFirst: false }];

test.each<[string, Partial<ScanRequest>, Partial<Applied>, string]>([
  ['too few answers', { filters: [CONDITION] }, {}, 'the plan answers 0 filters of 1'],
  ['too many answers', {}, { filters: ['exact'] }, 'the plan answers 1 filters of 0'],
  ['a volatile filter', { filters: [VOLATILE] }, { filters: ['inexact'] }, 'a volatile filter was pushed down'],
  [
    'a volatile order',
    { order: [{ ...ORDER[0]!, expr: VOLATILE }] },
    { order: 'exact' },
    'a volatile expression was pushed down',
  ],
  [
    'a volatile aggregate',
    { aggregate: { groupBy: [], calls: [{ ...CALLS.count, args: [VOLATILE] }] } },
    { aggregate: 'complete' },
    'a volatile expression was pushed down',
  ],
  ['an unasked sample', {}, { sample: true }, 'a sample was taken without being asked for'],
  ['an unasked aggregate', {}, { aggregate: 'partial' }, 'an aggregate was computed without being asked for'],
  ['an unasked order', {}, { order: 'inexact' }, 'an order was applied without being asked for'],
  ['an unasked limit', {}, { limit: 'exact' }, 'a limit was applied without being asked for'],
  ['an unasked offset', {}, { offset: true }, 'an offset was applied without being asked for'],
  ['too many columns', { projection: [0] }, {}, 'the plan has 3 columns, and 1 were requested'],
])('%s is rejected', (_, request, applied, reason) => {
  expect(rejection({ ...NOTHING, ...request }, toPlan({ filters: [], ...applied }, 1))).toBe(reason);
});

test('a plan needs partitions with ids of their own', () => {
  const plan = toPlan({ filters: [] }, 0);
  expect(rejection(NOTHING, plan)).toBe('the plan has no partition');
  const twice = { ...plan, partitions: [0, 0].map((id) => ({ id, detail: null })) };
  expect(rejection(NOTHING, twice)).toBe('two partitions have the same id');
  expect(() => checkPlan(NOTHING, plan)).toThrow(/^model table: the plan has no partition\. This is a defect/);
});

test('metadata columns and an empty projection count as requested', () => {
  const plan = toPlan({ filters: [] }, 1);
  expect(rejection({ projection: [0], filters: [], metadataColumns: ['_file', '_row'] }, plan)).toBeUndefined();
  expect(rejection({ projection: [], filters: [] }, { ...plan, schema: { fields: [] } })).toBeUndefined();
});
