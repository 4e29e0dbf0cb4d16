import type { BuildValue } from '@millrace/arrow';
import { dataTypes, field, type OnConflict } from '@millrace/core';
import { required } from '../../data/small-tables.ts';
import { TYPE_CASES } from '../../data/type-cases.ts';
import { type AcceleratorCheck, defineAcceleratorChecks } from '../accelerator-check.ts';
import type { AcceleratorContext } from '../accelerator-context.ts';
import { applyChanges, type Change, CHANGES_FIX as FIX, KeyedRows, keyAlone } from '../change-rows.ts';
import { checkpointText, expectTable } from '../expect-table.ts';
import { KEYED_ROWS as BEFORE, KEYED, keyedRow as row } from '../keyed-table.ts';
import { refreshTable, type SourceRows } from '../write-rows.ts';

/** What changes of rows make of a table. Random sequences of them have a check of their own. */
export const CHANGE_CHECKS: readonly AcceleratorCheck[] = defineAcceleratorChecks('changes', [
  {
    id: 'kinds',
    number: 153,
    title: 'each kind of change does what it says, also where the row is not there, or is there already',
    fix: `${FIX} Rows that are gone have their key alone; what is not there is no error.`,
    run: (context) =>
      expectChanges(context, {
        changes: [
          ['insert', row(4, 'new')],
          ['insert', row(1, 'known')],
          ['update_postimage', row(2, null)],
          ['update_postimage', row(5, 'not known')],
          ['delete', keyAlone(row(3, null))],
          ['delete', keyAlone(row(99, null))],
          ['update_preimage', row(98, 'not known')],
          ['update_preimage', row(7, 'g')],
          ['update_postimage', row(8, 'another key')],
        ],
        after: [row(4, 'new'), row(1, 'known'), row(2, null), row(5, 'not known'), row(8, 'another key')],
      }),
  },
  {
    id: 'last-change-counts',
    number: 153,
    title: 'of several changes of one key the last one counts, within a batch and across, whatever `onConflict` is',
    fix: FIX,
    async run(context) {
      for (const onConflict of [undefined, 'drop'] as const)
        await expectChanges(context, {
          onConflict,
          changes: [
            ['insert', row(4, 'inserted and deleted')],
            ['delete', keyAlone(row(1, null))],
            ['insert', row(5, 'first')],
            ['delete', row(4, 'inserted and deleted')],
            ['update_postimage', row(5, 'second')],
            ['insert', row(1, 'deleted and inserted')],
            ['delete', row(2, 'b')],
            ['insert', row(2, 'again')],
            ['delete', row(2, 'again')],
            ['update_preimage', row(5, 'second')],
            ['update_postimage', row(5, 'third')],
          ],
          after: [row(1, 'deleted and inserted'), row(3, null), row(5, 'third'), row(7, 'g')],
        });
    },
  },
  {
    id: 'truncate',
    number: 153,
    title: 'a truncate removes all rows, and every change before it',
    fix: 'Forget the changes before the last truncate, and let no row that was there stay.',
    async run(context) {
      const truncate: Change = ['truncate', [null, null, null]];
      await expectChanges(context, { changes: [truncate], after: [] });
      await expectChanges(context, {
        changes: [
          ['insert', row(4, 'gone')],
          truncate,
          ['insert', row(4, 'gone as well')],
          truncate,
          ['insert', row(2, 'back')],
          ['delete', row(3, null)],
          ['insert', row(5, 'new')],
        ],
        after: [row(2, 'back'), row(5, 'new')],
      });
    },
  },
  {
    id: 'keys',
    number: 153,
    title: 'a key of several columns is one only where all are equal, each by its own value',
    fix: 'Compare all columns of the key in their own types, texts by their bytes.',
    async run(context) {
      context.requireChanges();
      const fields = [
        required('a', dataTypes.int64()),
        required('b', dataTypes.utf8()),
        field('value', dataTypes.utf8()),
      ];
      const opened = await context.open({ fields, primaryKey: ['a', 'b'], refreshMode: 'changes' });
      const { table, schema } = opened;
      const before: SourceRows = [1n, 2n ** 53n, 2n ** 53n + 1n].flatMap((a) =>
        ['x', 'X', 'x ', '', '1'].map((b) => [a, b, 'old']),
      );
      await refreshTable(table, { schema, rows: before });
      const changes: readonly Change[] = [
        ['delete', [2n ** 53n, 'x', null]],
        ['insert', [2n ** 53n + 1n, 'X', 'new']],
        ['delete', [1n, 'x ', null]],
        ['update_postimage', [1n, 'x', null]],
      ];
      await applyChanges(table, { schema, changes });
      await expectTable(context, opened, { what: 'four keys', rows: new KeyedRows(before, 2).apply(changes).all });
    },
  },
  {
    id: 'values-of-every-type',
    number: 153,
    title: 'values of every type are kept by changes as by full refreshes, missing ones included',
    fix: 'Stage changes in the types of the table.',
    async run(context) {
      context.requireChanges();
      const { present, holds } = context.subject;
      const cases = TYPE_CASES.flatMap((one) => {
        const column = field(one.name, one.type);
        if (present !== undefined && present(column) === undefined) return [];
        const values = [one.low, one.high, null, ...(one.special ?? [])];
        return [{ column, values: values.filter((value) => holds?.(column, value) ?? true) }];
      });
      const fields = [required('id', dataTypes.int32()), ...cases.map(({ column }) => column)];
      const opened = await context.open({ fields, primaryKey: ['id'], refreshMode: 'changes' });
      const { table, schema } = opened;
      const rowAt = (id: number, shift: number): readonly BuildValue[] => [
        id,
        ...cases.map(({ values }) => values[(id + shift) % values.length]!),
      ];
      const ids = Array.from({ length: Math.max(...cases.map(({ values }) => values.length)) }, (_, id) => id);
      const rows = ids.map((id) => rowAt(id, 0));
      await applyChanges(table, { schema, changes: rows.map((one): Change => ['insert', one]) });
      await expectTable(context, opened, { what: 'inserted rows', rows });
      const changes = ids.map(
        (id): Change => (id % 3 === 0 ? ['delete', keyAlone(rowAt(id, 0))] : ['update_postimage', rowAt(id, 1)]),
      );
      await applyChanges(table, { schema, changes, batchRowCount: 3 });
      await expectTable(context, opened, {
        what: 'updated and deleted rows',
        rows: ids.filter((id) => id % 3 !== 0).map((id) => rowAt(id, 1)),
      });
    },
  },
]);

interface ChangeCase {
  readonly onConflict?: OnConflict | undefined;
  readonly changes: readonly Change[];
  readonly after: SourceRows;
}

/** Applies changes to {@link KEYED_ROWS}, in one batch and in many. */
async function expectChanges(context: AcceleratorContext, { onConflict, changes, after }: ChangeCase): Promise<void> {
  context.requireChanges();
  for (const batchRowCount of [1_000, 1]) {
    const opened = await context.open({ ...KEYED, ...(onConflict && { onConflict }) });
    const { table, schema } = opened;
    await refreshTable(table, { schema, rows: BEFORE });
    const { rowCount } = await applyChanges(table, { schema, changes, batchRowCount });
    const what = `${onConflict ?? 'the default'}, ${batchRowCount === 1 ? 'a batch for each change' : 'one batch'}`;
    await expectTable(context, opened, { what, rows: after });
    if (rowCount !== BigInt(changes.length))
      context.fail({ expected: `${what}: ${changes.length} changes committed`, found: `${rowCount}` });
    if (table.checkpoint?.rowCount !== BigInt(after.length))
      context.fail({ expected: `${what}: a checkpoint of ${after.length} rows`, found: checkpointText(table) });
    await opened.shutdown();
  }
}
