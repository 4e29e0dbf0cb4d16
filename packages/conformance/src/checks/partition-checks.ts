import type { RowValue } from '@millrace/arrow';
import type { ExecutionPlan, TableProvider } from '@millrace/core';
import { type Check, defineChecks } from '../check.ts';
import type { CheckContext } from '../check-context.ts';
import { BIG, BIG_ROW_COUNT } from '../data/large-tables.ts';
import { NATION, ORDERS } from '../data/small-tables.ts';
import { columnOf } from '../expressions.ts';
import { describeFixture } from '../fixture.ts';
import { compareSortValues, sortValues } from '../model/sort-rows.ts';
import { idleContext } from '../open-connector.ts';
import { compareMultisets } from '../read/compare-rows.ts';
import { expectError } from '../read/expect-error.ts';
import { planTable, readPartition, rowsOf, scanTable } from '../read/scan-table.ts';

/** Partitions, declared orders, metadata columns and versions. */
export const PARTITION_CHECKS: readonly Check[] = defineChecks('scan', [
  {
    id: 'partitions-make-the-whole',
    number: 40,
    title: 'partitions are disjoint, make the whole together, are JSON, and come out the same for a second plan',
    fix: 'Cut by ranges that cover the whole key space, open at both ends, nulls included.',
    async run(context) {
      const fixture = await context.fixture(BIG);
      const table = await context.open(fixture);
      const plan = await planParted(table);
      if (context.capabilities.partitions === true && plan.partitions.length < 2)
        context.fail({ expected: 'several partitions of 200,000 rows, as declared', found: '1' });
      if (plan.partitions.length === 1) return context.skip('the connector reads this table as one partition');
      for (const { id, detail } of plan.partitions)
        if (JSON.stringify(JSON.parse(JSON.stringify(detail))) !== JSON.stringify(detail))
          context.fail({ expected: 'JSON', found: `partition ${id} changes on its way through JSON` });
      const parts = await readParts(plan);
      const difference = compareMultisets(parts.flat(), fixture.rows);
      if (difference)
        context.fail({ ...difference, expected: `${difference.expected} from ${parts.length} partitions` });
      const again = await readParts(await planParted(table));
      const other = again.map((rows) => rows.length).join(', ');
      const first = parts.map((rows) => rows.length).join(', ');
      if (first !== other) context.fail({ expected: `the same partitions twice: ${first}`, found: other });
      for (const { id, rowCount } of plan.partitions)
        if (rowCount !== undefined && rowCount !== parts[plan.partitions.findIndex((each) => each.id === id)]!.length)
          context.fail({ expected: `partition ${id} has ${rowCount} rows, as it says`, found: 'another number' });
    },
  },
  {
    id: 'partitions-can-be-retried',
    number: 41,
    title: 'a partition read twice, once in part and once again, gives the same rows',
    fix: 'Start anew in every execute(); keep no cursor in the plan.',
    async run(context) {
      const fixture = await context.fixture(ORDERS);
      const plan = await planParted(await context.open(fixture));
      for await (const _ of plan.execute(plan.partitions[0]!, idleContext())) break;
      const [first, second] = [await readParts(plan), await readParts(plan)];
      for (const parts of [first, second]) {
        const difference = compareMultisets(parts.flat(), fixture.rows);
        if (difference) context.fail(difference);
      }
    },
  },
  {
    id: 'declared-order-holds',
    number: 42,
    title: 'where a plan declares an ordering, each partition is sorted so',
    fix: 'Declare `ordering` only for what the statement’s ORDER BY guarantees, under the vocabulary’s order.',
    async run(context) {
      const fixture = await context.fixture(ORDERS);
      const table = await context.open(fixture);
      const wanted = [{ expr: columnOf(fixture.field('id')), descending: true, nullsFirst: false }];
      let declared = 0;
      for (const request of [{}, { order: wanted }, { order: wanted, limit: 10n }]) {
        const plan = await planTable(table, request);
        if (plan.ordering === undefined) continue;
        declared += 1;
        await expectSorted(context, plan, plan.ordering);
      }
      if (declared === 0) context.skip('no plan declares an ordering');
    },
  },
  {
    id: 'metadata-columns',
    number: 44,
    title: 'metadata columns collide with no column and are read by name behind the projection',
    fix: 'Name them apart from the columns, append them in the order asked for, and refuse unknown ones with `invalid_argument`.',
    async run(context) {
      const fixture = await context.fixture(NATION);
      const table = await context.open(fixture);
      const metadata = table.metadataColumns?.fields;
      if (metadata === undefined) {
        const run = () => planTable(table, { metadataColumns: ['no_such_column'] });
        await expectError(context, {
          what: 'an unknown metadata column',
          run,
          codes: ['invalid_argument', 'unsupported'],
        });
        return;
      }
      const names = metadata.map(({ name }) => name);
      const taken = names.find((name) => fixture.has(name));
      if (taken !== undefined) context.fail({ expected: 'names of their own', found: taken });
      const { plan, rows } = await scanTable(table, { projection: [0], metadataColumns: names });
      const found = plan.schema.fields.map(({ name }) => name).join(', ');
      if (found !== ['id', ...names].join(', ')) context.fail({ expected: ['id', ...names].join(', '), found });
      if (rows.length !== fixture.rows.length)
        context.fail({ expected: `${fixture.rows.length} rows`, found: `${rows.length}` });
    },
  },
  {
    id: 'older-versions',
    number: 45,
    title: 'an older version gives its own rows, and an unknown one is `not_found`; without versions `at` is refused',
    fix: 'Answer `at` from the kept versions, or throw `unsupported`; never read the newest instead.',
    async run(context) {
      const fixture = await context.fixture({ ...NATION, name: 'versioned' });
      const table = await context.open(fixture);
      const at = { version: 'no such version' };
      const codes = context.capabilities.timeTravel
        ? (['not_found'] as const)
        : (['unsupported', 'not_found', 'invalid_argument'] as const);
      await expectError(context, { what: 'an unknown version', run: () => scanTable(table, { at }), codes });
      if (context.capabilities.timeTravel !== true) return;
      if (context.source.appendRows === undefined) return context.skip('the subject cannot add rows at the source');
      const before = BigInt(Date.now()) * 1_000n;
      await new Promise((resolve) => setTimeout(resolve, 5));
      await context.source.appendRows(fixture.location, [[100, 'new', 1, null]]);
      const { rows } = await scanTable(await context.open(fixture), { at: { timestampMicros: before } });
      const difference = compareMultisets(rows, fixture.rows);
      if (difference) context.fail(difference);
    },
  },
  {
    id: 'one-snapshot',
    number: 46,
    title: 'rows that are added while a scan runs appear whole or not at all where a snapshot is declared',
    fix: 'Share one exported snapshot among the partitions, or do not declare `snapshot` and say so in explain().',
    async run(context) {
      const { appendRows } = context.source;
      if (appendRows === undefined) return context.skip('the subject cannot add rows at the source');
      const fixture = await context.fixture({ ...BIG, name: 'growing' });
      const plan = await planParted(await context.open(fixture));
      if (context.capabilities.snapshot !== true && plan.partitions.length > 1) {
        const notes = (plan.explain().notes ?? []).join(' ');
        if (!/snapshot|consisten/i.test(notes))
          context.fail({ expected: 'a note in explain() that there is no snapshot', found: notes || 'no notes' });
        return;
      }
      const rows: (readonly RowValue[])[] = [];
      let isAdded = false;
      for (const partition of plan.partitions)
        for await (const batch of plan.execute(partition, idleContext())) {
          rows.push(...rowsOf([batch]));
          if (!isAdded)
            await appendRows.call(
              context.source,
              fixture.location,
              [-1, -2, BIG_ROW_COUNT + 1].map((id) => [id, 1, 'added']),
            );
          isAdded = true;
        }
      const difference = compareMultisets(rows, fixture.rows);
      if (difference) context.fail(difference);
    },
  },
]);

function planParted(table: TableProvider): Promise<ExecutionPlan> {
  return planTable(table, {}, { ...idleContext(), targetPartitions: 4 });
}

async function readParts(plan: ExecutionPlan) {
  const parts = await Promise.all(plan.partitions.map((partition) => readPartition(plan, partition)));
  return parts.map((batches) => rowsOf(batches));
}

/** Checks that each partition of a plan is sorted. */
export async function expectSorted(
  context: CheckContext,
  plan: ExecutionPlan,
  order: NonNullable<ExecutionPlan['ordering']>,
): Promise<void> {
  for (const partition of plan.partitions) {
    let last: ReturnType<typeof sortValues> | undefined;
    for (const batch of await readPartition(plan, partition)) {
      const { literals, rows } = describeFixture({ name: 'partition', path: '' }, batch);
      for (const [index, row] of literals.entries()) {
        const values = sortValues(order, row);
        if (last !== undefined && compareSortValues(order, last, values) > 0)
          context.fail({
            expected: 'rows in the declared order',
            found: `partition ${partition.id} is not sorted`,
            firstDifference: JSON.stringify(rows[index], (_, value: unknown) =>
              typeof value === 'bigint' ? String(value) : value,
            ),
            statement: plan.explain().statement ?? plan.explain().source,
          });
        last = values;
      }
    }
  }
}
