import type { BuildValue } from '@millrace/arrow';
import { dataTypes, type Expr, type Field, field, TimeUnit } from '@millrace/core';
import { required } from '../../data/small-tables.ts';
import { columnOf, condition, literalOf } from '../../expressions.ts';
import { idleContext } from '../../open-connector.ts';
import { type AcceleratorCheck, defineAcceleratorChecks } from '../accelerator-check.ts';
import type { AcceleratorContext } from '../accelerator-context.ts';
import { rowsThatStay, tableColumn, windowFrom } from '../append-window.ts';
import { event, moment } from '../events.ts';
import { checkpointText, expectCheckpoint, expectTable } from '../expect-table.ts';
import { randomNumbers, seedOf } from '../random-numbers.ts';
import { batchesOf, checkpointOf, refreshTable, type SourceRows, writeBatches } from '../write-rows.ts';

const FIX =
  'Delete the rows for which every filter is TRUE and insert the written ones, in one transaction; never compare rows with each other.';

/** Refreshes of a window: what is written takes the place of what the filters name. */
export const APPEND_CHECKS: readonly AcceleratorCheck[] = defineAcceleratorChecks('append', [
  {
    id: 'ties-at-the-bound',
    number: 152,
    title: 'rows at the bound itself are replaced, those before it stay, and a tie that came later is there',
    fix: `${FIX} The bound of a window is part of it.`,
    run: (context) =>
      appendOnce(context, {
        before: [event(1, 10), event(2, 20), event(3, 30), event(4, 30)],
        bound: 30,
        written: [event(3, 30), event(4, 30), event(5, 30), event(6, 31)],
        after: [event(1, 10), event(2, 20), event(3, 30), event(4, 30), event(5, 30), event(6, 31)],
      }),
  },
  {
    id: 'late-rows',
    number: 152,
    title: 'a row that came late into the window is there once, and a changed or deleted one as the source has it',
    fix: FIX,
    run: (context) =>
      appendOnce(context, {
        before: [event(1, 10), event(2, 20), event(3, 30), event(4, 40)],
        bound: 20,
        written: [event(9, 25, 'late'), event(2, 20), event(4, 40, 'changed')],
        after: [event(1, 10), event(2, 20), event(9, 25, 'late'), event(4, 40, 'changed')],
      }),
  },
  {
    id: 'duplicates-stay',
    number: 152,
    title: 'rows that are equal in every column stay as often as the source has them, in the window and before it',
    fix: `${FIX} Without a key, equal rows are different rows.`,
    run: (context) => {
      const twin = (id: number, seconds: number | null): SourceRows => [event(id, seconds), event(id, seconds)];
      return appendOnce(context, {
        before: [...twin(1, 10), ...twin(2, 20), event(3, 30)],
        bound: 20,
        written: [...twin(2, 20), event(2, 20), ...twin(3, 30), ...twin(4, 40), ...twin(1, 50)],
        after: [...twin(1, 10), ...twin(2, 20), event(2, 20), ...twin(3, 30), ...twin(4, 40), ...twin(1, 50)],
      });
    },
  },
  {
    id: 'missing-times',
    number: 152,
    title: 'rows without a time are in the window where the filters say so, and stay where they do not',
    fix: 'A comparison with NULL is not TRUE, and such a row stays; IS NULL is TRUE for it.',
    async run(context) {
      const before = [event(1, 10), event(2, null), event(3, null), event(4, 40)];
      await appendOnce(context, {
        before,
        bound: 40,
        written: [event(3, null), event(4, 40), event(5, null)],
        after: [event(1, 10), event(3, null), event(4, 40), event(5, null)],
      });
      context.requireAppend();
      const opened = await context.open();
      await refreshTable(opened.table, { schema: opened.schema, rows: before });
      const column = tableColumn(opened, 'at');
      const filters = [condition('ge', columnOf(column), literalOf(column.type, moment(40)))];
      const rows = [event(4, 40), event(6, 60)];
      await refreshTable(opened.table, { schema: opened.schema, rows, mode: { kind: 'overwrite_where', filters } });
      const after = [event(1, 10), event(2, null), event(3, null), ...rows];
      await expectTable(context, opened, { what: 'without IS NULL', rows: after });
    },
  },
  {
    id: 'windows-without-rows',
    number: 152,
    title:
      'an empty window empties it, a window where nothing is adds to the table, and one of an empty table fills it',
    fix: FIX,
    async run(context) {
      await appendOnce(context, {
        before: [event(1, 10), event(2, 20)],
        bound: 20,
        written: [],
        after: [event(1, 10)],
      });
      await appendOnce(context, {
        before: [event(1, 10)],
        bound: 99,
        written: [event(2, 99)],
        after: [event(1, 10), event(2, 99)],
      });
      await appendOnce(context, { before: [], bound: 0, written: [event(1, 10)], after: [event(1, 10)] });
    },
  },
  {
    id: 'counts-and-checkpoints',
    number: 152,
    title: 'the checkpoint of an append counts all rows of the table and keeps its own watermark',
    fix: 'Count the rows that stayed as well, and write the new watermark in the same transaction.',
    async run(context) {
      context.requireAppend();
      const opened = await context.open();
      const { table, schema } = opened;
      const first = [event(1, 10), event(2, 20), event(3, 30)];
      await refreshTable(table, { schema, rows: first, checkpoint: { watermark: 'first' } });
      const mode = windowFrom(tableColumn(opened, 'at'), moment(30));
      await refreshTable(table, {
        schema,
        rows: [event(3, 30), event(4, 40)],
        mode,
        checkpoint: { watermark: 'second' },
      });
      const { rowCount, watermark } = table.checkpoint ?? {};
      if (rowCount !== 4n || watermark !== 'second')
        context.fail({ expected: '4 rows, watermark second', found: checkpointText(table) });
    },
  },
  {
    id: 'nothing-until-commit',
    number: 151,
    title: 'until an append commits, and when it is aborted, readers see the table as it was',
    fix: 'Delete and insert in one transaction that only `commit` ends.',
    async run(context) {
      context.requireAppend();
      const opened = await context.open();
      const { table, schema } = opened;
      const rows = Array.from({ length: 500 }, (_, id) => event(id, id));
      await refreshTable(table, { schema, rows, checkpoint: { watermark: 'kept' } });
      const text = checkpointText(table);
      const mode = windowFrom(tableColumn(opened, 'at'), moment(100));
      const written = Array.from({ length: 900 }, (_, id) => event(id + 100, id + 100, 'new'));
      for (const what of ['aborted', 'committed']) {
        await using session = await table.beginRefresh({ mode }, idleContext());
        await writeBatches(session, batchesOf({ schema, rows: written, batchRowCount: 200 }));
        await expectTable(context, opened, { what: 'before the end', rows });
        expectCheckpoint(context, table, { what: 'before the end', text });
        if (what === 'aborted') await session.abort();
        else await session.commit(checkpointOf({ watermark: 'moved' }));
        const after = what === 'aborted' ? rows : [...rows.slice(0, 100), ...written];
        await expectTable(context, opened, { what, rows: after });
      }
    },
  },
  {
    id: 'filters-of-every-type',
    number: 152,
    title:
      'filters over numbers, decimals, dates, moments and texts, joined by AND and OR, name the same rows as in SQL',
    fix: 'Write the filters with the function that writes pushed ones, or evaluate them in their own types, to the last digit.',
    timeoutMs: 300_000,
    async run(context) {
      context.requireAppend();
      let tried = 0;
      for (const [index, { type, values }] of KEYED.entries()) {
        const column: Field = field('k', type);
        if (context.subject.present !== undefined && context.subject.present(column) === undefined) continue;
        const fields = [required('id', dataTypes.int32()), column];
        const rows = [...values, null, values[1]!].map((value, id): readonly BuildValue[] => [id, value]);
        for (const [number, make] of FILTERS.entries()) {
          if ((number - index + FILTERS.length) % FILTERS.length >= context.count(FILTERS.length, 2)) continue;
          const opened = await context.open({ fields });
          const filters = make(tableColumn(opened, 'k'), values, tableColumn(opened, 'id'));
          await refreshTable(opened.table, { schema: opened.schema, rows });
          const written = [[99, values[2]!]];
          await refreshTable(opened.table, {
            schema: opened.schema,
            rows: written,
            mode: { kind: 'overwrite_where', filters },
          });
          const after = [...rowsThatStay(context.subject, opened, { rows, filters }), ...written];
          await expectTable(context, opened, {
            what: `type ${type.typeId}, filter ${number}`,
            rows: after,
          });
          await opened.shutdown();
          tried += 1;
        }
      }
      context.note(`${tried} refreshes`);
    },
  },
  {
    id: 'random-schedules',
    number: 152,
    title: 'random schedules of ties, late rows, duplicates and missing times end equal to the source',
    fix: FIX,
    timeoutMs: 1_800_000,
    async run(context) {
      context.requireAppend();
      const count = context.count(1_000, 6);
      const seed = seedOf(count === 1_000 ? 'full' : 'reduced');
      for (let schedule = 0; schedule < count; schedule += 1) await runSchedule(context, seed + schedule);
      context.note(`${count} schedules from seed ${seed}`);
    },
  },
]);

interface AppendCase {
  readonly before: SourceRows;
  /** Seconds. */
  readonly bound: number;
  readonly written: SourceRows;
  readonly after: SourceRows;
}

/** One append refresh of a table of events. */
async function appendOnce(context: AcceleratorContext, { before, bound, written, after }: AppendCase): Promise<void> {
  context.requireAppend();
  const opened = await context.open();
  const { table, schema } = opened;
  await refreshTable(table, { schema, rows: before });
  const mode = windowFrom(tableColumn(opened, 'at'), moment(bound));
  await refreshTable(table, { schema, rows: written, mode });
  await expectTable(context, opened, { what: `a window from second ${bound} on`, rows: after });
  if (table.checkpoint?.rowCount !== BigInt(after.length))
    context.fail({ expected: `a checkpoint of ${after.length} rows`, found: checkpointText(table) });
}

/** Seconds that a window reaches back behind the newest time. */
const OVERLAP = 20;

/** Lets a source grow at random, and follows it with append refreshes. */
async function runSchedule(context: AcceleratorContext, seed: number): Promise<void> {
  const random = randomNumbers(seed);
  const opened = await context.open();
  const { table, schema } = opened;
  const source: { readonly row: readonly BuildValue[]; readonly seconds: number | null }[] = [];
  let newest = 100;
  const insert = (): void => {
    const kind = random.below(6);
    const twin = source[random.below(source.length || 1)];
    // Later than the overlap would be lost, as the rule of append refreshes says.
    const isReached = twin !== undefined && (twin.seconds === null || twin.seconds >= newest - OVERLAP);
    if (kind === 0 && isReached) source.push(twin);
    else {
      const seconds =
        kind === 1 ? null : kind === 2 ? newest : kind === 3 ? newest - random.below(OVERLAP) : newest + kind;
      source.push({ row: event(random.below(5), seconds, `text ${random.below(2)}`), seconds });
    }
  };
  let loaded: number | undefined;
  for (let step = 0; step < 6; step += 1) {
    for (let left = random.below(12); left > 0; left -= 1) insert();
    const bound = loaded === undefined ? undefined : loaded - OVERLAP;
    const read = source.filter(({ seconds }) => bound === undefined || seconds === null || seconds >= bound);
    const mode = bound === undefined ? undefined : windowFrom(tableColumn(opened, 'at'), moment(bound));
    const rows = read.map(({ row }) => row);
    await refreshTable(table, { schema, rows, batchRowCount: 1 + random.below(20), ...(mode && { mode }) });
    await expectTable(context, opened, {
      what: `schedule of seed ${seed}, step ${step}`,
      rows: source.map(({ row }) => row),
    });
    newest = Math.max(newest, ...source.map(({ seconds }) => seconds ?? 0));
    loaded = newest;
  }
  await opened.shutdown();
}

/** Types of columns that windows are cut by, and four values of each in their order. */
const KEYED: readonly { readonly type: Field['type']; readonly values: readonly NonNullable<BuildValue>[] }[] = [
  { type: dataTypes.int64(), values: [-1n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 60n] },
  { type: dataTypes.int32(), values: [-5, 0, 7, 2_000_000_000] },
  { type: dataTypes.float64(), values: [-1.5, 0.1, 0.5, 1e300] },
  { type: dataTypes.decimal(20, 4), values: ['-0.0001', '0.0000', '0.0001', '9999999999999999.9999'] },
  { type: dataTypes.date(), values: ['1969-12-31', '1970-01-01', '2024-02-29', '2024-03-01'] },
  {
    type: dataTypes.timestamp(TimeUnit.Microsecond),
    values: ['1969-12-31T23:59:59.999999', '2024-01-01T00:00:00', '2024-01-01T00:00:00.000001', '2024-01-02T00:00:00'],
  },
  {
    type: dataTypes.timestamp(TimeUnit.Microsecond, 'UTC'),
    values: [
      '1969-12-31T23:59:59.999999Z',
      '2024-01-01T00:00:00Z',
      '2024-01-01T00:00:00.000001Z',
      '2024-01-02T00:00:00Z',
    ],
  },
  { type: dataTypes.utf8(), values: ['', 'B', 'a', "it's ä"] },
];

/** Conditions over a column with its values, and over the number of the row. */
const FILTERS: readonly ((column: Field, values: readonly NonNullable<BuildValue>[], id: Field) => readonly Expr[])[] =
  [
    (column, [, , third]) => [condition('ge', columnOf(column), literalOf(column.type, third!))],
    (column, [, second, third]) => [
      condition('gt', columnOf(column), literalOf(column.type, second!)),
      condition('le', columnOf(column), literalOf(column.type, third!)),
    ],
    (column, [first, second]) => [
      condition(
        'or',
        condition('eq', columnOf(column), literalOf(column.type, second!)),
        condition('lt', columnOf(column), literalOf(column.type, first!)),
        condition('is_null', columnOf(column)),
      ),
    ],
    (column, [, second], id) => [
      condition(
        'and',
        condition('ne', columnOf(column), literalOf(column.type, second!)),
        condition('lt', columnOf(id), literalOf(id.type, 3)),
      ),
    ],
  ];
