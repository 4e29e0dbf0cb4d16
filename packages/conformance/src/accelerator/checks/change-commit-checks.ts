import { idleContext } from '../../open-connector.ts';
import { expectError } from '../../read/expect-error.ts';
import { type AcceleratorCheck, defineAcceleratorChecks } from '../accelerator-check.ts';
import type { OpenAcceleratedRequest } from '../accelerator-context.ts';
import { tableColumn, windowFrom } from '../append-window.ts';
import { applyChanges, type Change, changeRefresh, CHANGES_FIX as FIX, KeyedRows, keyAlone } from '../change-rows.ts';
import { EVENT_FIELDS, event, moment, versionOf } from '../events.ts';
import { readVersionsDuring } from '../expect-one-version.ts';
import { checkpointText, expectCheckpoint, expectTable } from '../expect-table.ts';
import { KEYED_ROWS as BEFORE, KEYED, keyedRow as row } from '../keyed-table.ts';
import { batchesOf, checkpointOf, refreshTable, type SourceRows, writeBatches } from '../write-rows.ts';

const EVENTS: OpenAcceleratedRequest = { fields: EVENT_FIELDS, primaryKey: ['id'], refreshMode: 'changes' };

/** How changes become visible, and which are refused. */
export const CHANGE_COMMIT_CHECKS: readonly AcceleratorCheck[] = defineAcceleratorChecks('changes', [
  {
    id: 'nothing-until-commit',
    number: 153,
    title: 'until changes are committed, and when they are aborted, rows and offset are as they were; then both move',
    fix: 'Write rows and offset in one transaction that only `commit` ends.',
    async run(context) {
      context.requireChanges();
      const opened = await context.open(EVENTS);
      const { table, schema } = opened;
      const rows = versionOf(1, 300);
      await refreshTable(table, { schema, rows, checkpoint: { offset: { lsn: '0/1' } } });
      const text = checkpointText(table);
      const changes: readonly Change[] = [
        ...versionOf(2, 200).map((one): Change => ['update_postimage', one]),
        ...rows.slice(250).map((one): Change => ['delete', keyAlone(one)]),
      ];
      const written = changeRefresh({ schema, changes, batchRowCount: 90 });
      for (const what of ['aborted', 'disposed', 'committed']) {
        await using session = await table.beginRefresh({ mode: { kind: 'changes' } }, idleContext());
        await writeBatches(session, batchesOf(written));
        await expectTable(context, opened, { what: 'before the end', rows });
        expectCheckpoint(context, table, { what: 'before the end', text });
        if (what === 'disposed') await session[Symbol.asyncDispose]();
        else if (what === 'aborted') await session.abort();
        else await session.commit(checkpointOf({ offset: { lsn: '0/2' } }));
        const after = what === 'committed' ? new KeyedRows(rows).apply(changes).all : rows;
        await expectTable(context, opened, { what, rows: after });
        if (what !== 'committed') expectCheckpoint(context, table, { what, text });
      }
      const { offset, rowCount } = table.checkpoint ?? {};
      if (JSON.stringify(offset) !== '{"lsn":"0/2"}' || rowCount !== 250n)
        context.fail({ expected: '250 rows, offset 0/2', found: checkpointText(table) });
    },
  },
  {
    id: 'again',
    number: 153,
    title: 'the same changes once more leave rows and count as they are',
    fix: `${FIX} Count the rows that were deleted and inserted, not the changes.`,
    async run(context) {
      context.requireChanges();
      const opened = await context.open(KEYED);
      const { table, schema } = opened;
      await refreshTable(table, { schema, rows: BEFORE });
      const changes: readonly Change[] = [
        ['insert', row(4, 'new')],
        ['delete', keyAlone(row(1, null))],
        ['update_postimage', row(2, 'c')],
        ['insert', row(9, 'x')],
        ['update_preimage', row(9, 'x')],
        ['update_postimage', row(10, 'y')],
      ];
      const { all } = new KeyedRows(BEFORE).apply(changes);
      for (const what of ['once', 'again', 'a third time']) {
        await applyChanges(table, { schema, changes });
        await expectTable(context, opened, { what, rows: all });
        if (table.checkpoint?.rowCount !== BigInt(all.length))
          context.fail({ expected: `${what}: a checkpoint of ${all.length} rows`, found: checkpointText(table) });
      }
    },
  },
  {
    id: 'refusals',
    number: 153,
    title: 'changes of a table without a key, without a whole key, of an unknown kind or of other columns are refused',
    fix: 'Refuse the mode in beginRefresh where there is no primary key, and look at each batch before it is written.',
    async run(context) {
      context.requireChanges();
      const { primaryKey: _, ...keyless } = KEYED;
      const without = await context.open(keyless);
      await refreshTable(without.table, { schema: without.schema, rows: BEFORE });
      const begin = () => without.table.beginRefresh({ mode: { kind: 'changes' } }, idleContext());
      await expectError(context, { what: 'a table without a key', run: begin, codes: ['unsupported'] });
      await expectTable(context, without, { what: 'without a key', rows: BEFORE });

      const opened = await context.open(KEYED);
      const { table, schema } = opened;
      await refreshTable(table, { schema, rows: BEFORE, checkpoint: { offset: 1 } });
      const text = checkpointText(table);
      const good = ['insert', row(4, 'new')] as const;
      const unknown = changeRefresh({ schema, changes: [good] });
      const attempts: readonly (readonly [
        string,
        readonly ('integrity' | 'invalid_data' | 'schema_mismatch')[],
        () => Promise<unknown>,
      ])[] = [
        [
          'a missing key',
          ['integrity'],
          () => applyChanges(table, { schema, changes: [good, ['delete', [null, null, null]]] }),
        ],
        [
          'a missing value',
          ['integrity', 'invalid_data'],
          () => applyChanges(table, { schema, changes: [good, ['insert', [5n, null, 'x']]] }),
        ],
        [
          'an unknown kind',
          ['invalid_data'],
          () => refreshTable(table, { ...unknown, rows: [[...row(4, 'x'), 'upsert']] }),
        ],
        [
          'rows without a kind',
          ['schema_mismatch', 'invalid_data'],
          () => refreshTable(table, { schema, rows: [row(4, 'x')], mode: { kind: 'changes' } }),
        ],
      ];
      for (const [what, codes, run] of attempts) {
        await expectError(context, { what, run, codes });
        await expectTable(context, opened, { what: `after ${what}`, rows: BEFORE });
        expectCheckpoint(context, table, { what: `after ${what}`, text });
      }
      await applyChanges(table, { schema, changes: [good] });
      await expectTable(context, opened, { what: 'after them', rows: [...BEFORE, row(4, 'new')] });
    },
  },
  {
    id: 'unique-indexes',
    number: 153,
    title: 'changes that break a unique index are `integrity` and apply none of them; rows may swap its values',
    fix: 'Delete the rows of all changed keys before the first row is inserted, and roll back what breaks an index.',
    async run(context) {
      context.requireChanges();
      const indexes = [
        { columns: ['value'], unique: true },
        { columns: ['name', 'value'], unique: false },
      ];
      const opened = await context.open({ ...KEYED, indexes });
      const { table, schema } = opened;
      await refreshTable(table, { schema, rows: BEFORE, checkpoint: { offset: 'kept' } });
      const text = checkpointText(table);
      const breaking: readonly (readonly [string, readonly Change[]])[] = [
        [
          'a row that stays',
          [
            ['delete', row(1, 'a')],
            ['insert', row(4, 'b')],
          ],
        ],
        [
          'two new rows',
          [
            ['insert', row(4, 'x')],
            ['insert', row(5, 'x')],
          ],
        ],
      ];
      for (const [what, changes] of breaking) {
        const run = () => applyChanges(table, { schema, changes, checkpoint: { offset: 'moved' } });
        await expectError(context, { what, run, codes: ['integrity'] });
        await expectTable(context, opened, { what: `after ${what}`, rows: BEFORE });
        expectCheckpoint(context, table, { what: `after ${what}`, text });
      }
      const changes: readonly Change[] = [
        ['update_preimage', row(1, 'a')],
        ['update_preimage', row(2, 'b')],
        ['update_postimage', row(1, 'b')],
        ['update_postimage', row(2, 'a')],
        ['delete', row(7, 'g')],
        ['insert', row(8, 'g')],
        ['insert', row(9, null)],
      ];
      await applyChanges(table, { schema, changes });
      await expectTable(context, opened, { what: 'swapped values', rows: new KeyedRows(BEFORE).apply(changes).all });
    },
  },
  {
    id: 'readers-see-whole-commits',
    number: 153,
    title: 'readers see all changes of a commit or none',
    fix: 'Apply all changes in the transaction that the commit ends.',
    timeoutMs: 300_000,
    async run(context) {
      context.requireChanges();
      const opened = await context.open(EVENTS);
      const { table, schema } = opened;
      const commitCount = context.count(40, 6);
      const size = (version: number): number => 600 + (version % 5) * 40;
      await refreshTable(table, { schema, rows: versionOf(0, size(0)) });
      const work = async (): Promise<void> => {
        for (let version = 1; version <= commitCount; version += 1) {
          const changes = [
            ...versionOf(version, size(version)).map((one): Change => ['update_postimage', one]),
            ...versionOf(0, size(version - 1))
              .slice(size(version))
              .map((one): Change => ['delete', keyAlone(one)]),
          ];
          await applyChanges(table, { schema, changes, batchRowCount: 200 });
        }
      };
      const reads = await readVersionsDuring(context, opened, { versions: { ordinal: 2, size }, work });
      context.note(`${reads} reads during ${commitCount} commits`);
    },
  },
  {
    id: 'between-other-refreshes',
    number: 153,
    title: 'changes go on from rows of a full refresh or an append, and give way to the next full refresh',
    fix: `${FIX} Rows are the same whoever has written them.`,
    async run(context) {
      context.requireChanges();
      const opened = await context.open({ ...EVENTS, indexes: [{ columns: ['at'], unique: false }] });
      const { table, schema } = opened;
      const change = async (what: string, rows: SourceRows): Promise<void> => {
        const changes: readonly Change[] = [
          ['delete', keyAlone(event(1, null))],
          ['insert', event(77, 5, what)],
          ['update_postimage', event(2, 20, what)],
        ];
        await applyChanges(table, { schema, changes });
        await expectTable(context, opened, { what, rows: new KeyedRows(rows).apply(changes).all });
      };
      await change('changes of a table that was never loaded', []);
      for (const version of [1, 2]) {
        const rows = versionOf(version, 40 * version);
        await refreshTable(table, { schema, rows });
        await expectTable(context, opened, { what: `full refresh ${version}`, rows });
        await change(`changes after full refresh ${version}`, rows);
      }
      if (context.subject.plugin.refreshModes?.includes('append') !== true) return;
      const rows = [event(1, 10), event(2, 20)];
      await refreshTable(table, { schema, rows });
      const written = [event(3, 30), event(4, 40)];
      await refreshTable(table, { schema, rows: written, mode: windowFrom(tableColumn(opened, 'at'), moment(30)) });
      await change('changes after an append', [...rows, ...written]);
    },
  },
]);
