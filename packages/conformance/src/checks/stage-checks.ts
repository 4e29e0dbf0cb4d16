import type { RowValue } from '@millrace/arrow';
import { type AggregateCall, dataTypes, type Expr, type ScanRequest, type SortKey } from '@millrace/core';
import { type Check, defineChecks } from '../check.ts';
import type { CheckContext } from '../check-context.ts';
import { BIG } from '../data/large-tables.ts';
import { DUPLICATES, EMPTY, NATION, NULLS, ORDERS } from '../data/small-tables.ts';
import { COLLATION_TEXTS, TEXTS } from '../data/text-values.ts';
import { TYPE_CASES, typeTable } from '../data/type-cases.ts';
import { columnOf, condition, literalOf } from '../expressions.ts';
import type { Fixture } from '../fixture.ts';
import { compareMultisets } from '../read/compare-rows.ts';
import { planTable, scanTable } from '../read/scan-table.ts';
import { expectStages, expectTopRows } from './expect-stages.ts';
import { expectSorted } from './partition-checks.ts';
import { statementOf } from './scan-checks.ts';

/** What a plan does beyond filters. */
export const STAGE_CHECKS: readonly Check[] = defineChecks('stages', [
  {
    id: 'declared-stages-are-done',
    number: 83,
    title:
      'order, limit, offset, aggregate and sample are claimed in plans as the capabilities declare, and not otherwise',
    fix: 'Make `pushdown` of the manifest say what a plain request gets.',
    async run(context) {
      const fixture = await context.fixture(NATION);
      const table = await context.open(fixture);
      const { pushdown = {} } = context.capabilities;
      const key: SortKey = { expr: columnOf(fixture.field('id')), descending: true, nullsFirst: false };
      const count: AggregateCall = { function: 'count', args: [], distinct: false, type: dataTypes.int64() };
      const requests: readonly (readonly [string, unknown, unknown])[] = [
        [
          'order',
          pushdown.order === true ? 'exact' : 'none',
          (await planTable(table, { order: [key], limit: 3n })).applied.order ?? 'none',
        ],
        ['limit', pushdown.limit ?? 'none', (await planTable(table, { limit: 3n })).applied.limit ?? 'none'],
        [
          'offset',
          pushdown.offset === true,
          (await planTable(table, { offset: 2n, limit: 3n })).applied.offset ?? false,
        ],
        [
          'aggregate',
          pushdown.aggregate ?? 'none',
          (await planTable(table, { aggregate: { groupBy: [], calls: [count] } })).applied.aggregate ?? 'none',
        ],
        [
          'sample',
          pushdown.sample === true,
          (await planTable(table, { sample: { fraction: 0.5, method: 'bernoulli' } })).applied.sample ?? false,
        ],
      ];
      for (const [stage, declared, claimed] of requests)
        if (declared !== claimed)
          context.fail({ expected: `${stage}: ${String(declared)}, as declared`, found: String(claimed) });
    },
  },
  {
    id: 'limits',
    number: 83,
    title: 'limits of 0, 1, around the row count and beyond 2^53 give that many rows, over filters of each degree',
    fix: 'Claim a limit only where every filter is exact; bind it as a 64-bit number.',
    async run(context) {
      const fixture = await context.fixture(ORDERS);
      const [id, status] = [fixture.field('id'), fixture.field('status')];
      const filterSets: readonly (readonly Expr[])[] = [
        [],
        [condition('lt', columnOf(id), literalOf(id.type, 50n))],
        [condition('eq', columnOf(status), literalOf(status.type, 'open'))],
        [condition('like', columnOf(status), literalOf(status.type, 'o%'), literalOf(status.type, ''))],
      ];
      const count = BigInt(fixture.rows.length);
      for (const filters of filterSets)
        for (const limit of [0n, 1n, count - 1n, count, count + 1n, 2n ** 31n + 1n, 2n ** 53n + 1n])
          await expectStages(context, fixture, { filters, limit });
    },
  },
  {
    id: 'limits-over-partitions',
    number: 84,
    title: 'a limit over a table of several partitions is one limit, not one for each',
    fix: 'Read with one partition where the limit is exact, or claim `inexact`.',
    async run(context) {
      const fixture = await context.fixture(BIG);
      for (const limit of [1n, 7n, 1_000n]) await expectStages(context, fixture, { limit });
    },
  },
  {
    id: 'offsets',
    number: 85,
    title: 'offsets of 0, 1, the row count and more leave out that many rows, once',
    fix: 'Claim an offset only with one partition and exact stages below it.',
    async run(context) {
      const fixture = await context.fixture(ORDERS);
      const count = BigInt(fixture.rows.length);
      for (const offset of [0n, 1n, count - 1n, count, count + 1n])
        for (const limit of [undefined, 1n, 10n])
          await expectStages(context, fixture, { offset, ...(limit !== undefined && { limit }) });
      const order = [{ expr: columnOf(fixture.field('id')), descending: false, nullsFirst: false }];
      await expectStages(context, fixture, { order, offset: 5n, limit: 10n });
    },
  },
  {
    id: 'top-rows',
    number: 87,
    title:
      'the first rows of an order are right for every place of nulls and direction, by number, NaN, decimal, date and text',
    fix: 'Write the place of nulls in each sort key, and claim an order only where the source’s is the vocabulary’s.',
    timeoutMs: 300_000,
    async run(context) {
      const orders = await context.fixture(ORDERS);
      for (const name of ['nation_id', 'ratio', 'total', 'placed', 'changed', 'status', 'is_paid'])
        if (orders.has(name)) await expectTopRows(context, orders, name);
      const texts = await context.fixture(TEXTS);
      await expectTopRows(context, texts, 't');
      for (const name of ['float64', 'decimal_38_0', 'int64', 'timestamptz']) {
        const typeCase = TYPE_CASES.find((each) => each.name === name)!;
        if (context.source.present({ name: 'value', type: typeCase.type, nullable: true }) !== undefined)
          await expectTopRows(context, await context.fixture(typeTable(typeCase)), 'value');
      }
      context.note(`${COLLATION_TEXTS.length} texts that collations confuse among the keys`);
    },
  },
  {
    id: 'ties',
    number: 89,
    title: 'ties at the end of the first rows give the right number of rows and the right keys',
    fix: 'Cut after sorting, and never drop rows that tie.',
    async run(context) {
      const fixture = await context.fixture(BIG);
      const k = fixture.field('k');
      for (const nullsFirst of [true, false])
        await expectStages(context, fixture, {
          order: [{ expr: columnOf(k), descending: false, nullsFirst }],
          limit: 250n,
        });
    },
  },
  {
    id: 'exact-orders-are-sorted',
    number: 90,
    title: 'an order that is claimed exact holds within each partition, without a limit too',
    fix: 'Claim `exact` only with ORDER BY in the statement of every partition.',
    async run(context) {
      const fixture = await context.fixture(BIG);
      const table = await context.open(fixture);
      const order = [
        { expr: columnOf(fixture.field('k')), descending: true, nullsFirst: true },
        { expr: columnOf(fixture.field('id')), descending: false, nullsFirst: false },
      ];
      const plan = await planTable(table, { order });
      if (plan.applied.order !== 'exact') return context.skip('the connector does not sort');
      await expectSorted(context, plan, order);
    },
  },
  {
    id: 'aggregates',
    number: 91,
    title: 'aggregates over empty, all-null and repeated values are right, with and without groups',
    fix: 'Answer one row for a global aggregate of nothing, none for a grouped one, and ignore nulls but in count(*).',
    async run(context) {
      if (context.capabilities.pushdown?.aggregate === undefined)
        return context.skip('the connector declares no aggregates');
      for (const [spec, name] of [
        [NULLS, 'some'],
        [NULLS, 'always'],
        [EMPTY, 'id'],
        [DUPLICATES, 'k'],
      ] as const)
        await expectAggregates(context, await context.fixture(spec), name);
    },
  },
  {
    id: 'samples',
    number: 102,
    title:
      'samples of 0 and 1 are nothing and everything, a seed repeats, and no filter is done below a missing sample',
    fix: 'Claim a sample only where the source draws it as asked.',
    async run(context) {
      const fixture = await context.fixture(NATION);
      const table = await context.open(fixture);
      const id = fixture.field('id');
      const filters = [condition('lt', columnOf(id), literalOf(id.type, 5))];
      const sample = (fraction: number) => ({ fraction, method: 'bernoulli' as const, seed: 42n });
      const plan = await planTable(table, { sample: sample(0.5), filters });
      if (plan.applied.sample !== true) return context.skip('the connector does not sample');
      const counts = [await scanTable(table, { sample: sample(0) }), await scanTable(table, { sample: sample(1) })];
      const found = counts.map(({ rows }) => rows.length).join(' and ');
      if (found !== `0 and ${fixture.rows.length}`)
        context.fail({ expected: `0 and ${fixture.rows.length} rows`, found });
      const [first, second] = [
        await scanTable(table, { sample: sample(0.5) }),
        await scanTable(table, { sample: sample(0.5) }),
      ];
      const difference = compareMultisets(second.rows, first.rows);
      if (difference) context.fail({ ...difference, expected: `the same sample for one seed: ${difference.expected}` });
    },
  },
  {
    id: 'statistics-are-true',
    number: 103,
    title: 'what statistics call exact is exact, and they describe the result, not the table',
    fix: 'Give statistics of the plan after its filters and limit, or none; mark as exact only what is counted.',
    async run(context) {
      let given = 0;
      for (const spec of [NATION, EMPTY, NULLS, ORDERS]) {
        const fixture = await context.fixture(spec);
        const table = await context.open(fixture);
        const id = fixture.field('id');
        const filter = condition('lt', columnOf(id), literalOf(id.type, 5));
        for (const request of [
          {},
          { filters: [filter] },
          { limit: 3n },
          { projection: [0], filters: [filter], limit: 1n },
        ])
          if (await expectTrueStatistics(context, table, request)) given += 1;
      }
      if (context.capabilities.statistics === true && given === 0)
        context.fail({ expected: 'statistics, as declared', found: 'none' });
      if (given === 0) context.skip('the connector gives no statistics');
    },
  },
]);

async function expectAggregates(context: CheckContext, fixture: Fixture, name: string): Promise<void> {
  const table = await context.open(fixture);
  const field = fixture.field(name);
  const arg = columnOf(field);
  const call = (fn: AggregateCall['function'], args: readonly Expr[], type = field.type): AggregateCall => ({
    function: fn,
    args,
    distinct: false,
    type,
  });
  const calls = [
    call('count', [], dataTypes.int64()),
    call('count', [arg], dataTypes.int64()),
    call('min', [arg]),
    call('max', [arg]),
  ];
  const values = fixture.rows.map((row) => row[fixture.ordinal(name)]!);
  const aggregate = (group: readonly RowValue[]): RowValue[] => {
    const present = group.flatMap((value) => (value === null ? [] : [Number(value)]));
    const restore = (value: number): RowValue =>
      present.length === 0 ? null : group.find((each) => each !== null && Number(each) === value)!;
    return [BigInt(group.length), BigInt(present.length), restore(Math.min(...present)), restore(Math.max(...present))];
  };
  const groups = new Map<RowValue, RowValue[]>();
  for (const value of values) groups.set(value, [...(groups.get(value) ?? []), value]);
  for (const groupBy of [[], [arg]]) {
    const { plan, rows } = await scanTable(table, { aggregate: { groupBy, calls } });
    if (plan.applied.aggregate !== 'complete') continue;
    const expected =
      groupBy.length === 0 ? [aggregate(values)] : [...groups].map(([key, group]) => [key, ...aggregate(group)]);
    const difference = compareMultisets(rows, expected);
    if (difference)
      context.fail({
        ...difference,
        expected: `${fixture.location.name}.${name}: ${difference.expected}`,
        ...statementOf(plan),
      });
  }
}

async function expectTrueStatistics(
  context: CheckContext,
  table: Awaited<ReturnType<CheckContext['open']>>,
  request: Partial<ScanRequest>,
): Promise<boolean> {
  const { plan, rows } = await scanTable(table, request);
  const statistics = await plan.statistics?.();
  if (statistics === undefined || Object.keys(statistics).length === 0) return false;
  const { rowCount, columns } = statistics;
  if (rowCount?.exact === true && rowCount.value !== BigInt(rows.length))
    context.fail({
      expected: `exactly ${rowCount.value} rows, as the statistics say`,
      found: `${rows.length}`,
      ...statementOf(plan),
    });
  for (const [name, { nullCount }] of Object.entries(columns ?? {})) {
    const ordinal = plan.schema.fields.findIndex((each) => each.name === name);
    const found = rows.filter((row) => row[ordinal] === null).length;
    if (ordinal >= 0 && nullCount?.exact === true && nullCount.value !== BigInt(found))
      context.fail({
        expected: `exactly ${nullCount.value} nulls in ${name}`,
        found: `${found}`,
        ...statementOf(plan),
      });
  }
  return true;
}
