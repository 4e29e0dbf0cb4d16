import { sliceBatch } from '@millrace/arrow';
import { idleContext } from '../../open-connector.ts';
import { compareMultisets } from '../../read/compare-rows.ts';
import { planTable, rowsOf } from '../../read/scan-table.ts';
import { type AcceleratorCheck, defineAcceleratorChecks } from '../accelerator-check.ts';

import { event, versionOf } from '../events.ts';
import { readVersionsDuring } from '../expect-one-version.ts';
import { checkpointText, expectCheckpoint, expectTable } from '../expect-table.ts';
import { batchesOf, checkpointOf, describeCheckpoint, refreshTable, writeBatches } from '../write-rows.ts';

const OVERWRITE = { mode: { kind: 'overwrite' } } as const;

/** What a full refresh leaves, and what readers see meanwhile. */
export const REFRESH_CHECKS: readonly AcceleratorCheck[] = defineAcceleratorChecks('refresh', [
  {
    id: 'replaces-all-rows',
    number: 151,
    title: 'a full refresh replaces all rows, keeps duplicates, and counts them',
    fix: 'Write every row as often as it comes; rows are a multiset unless there is a key.',
    async run(context) {
      const opened = await context.open();
      const { table, schema } = opened;
      const first = [...versionOf(1, 2_500), event(7, 7), event(7, 7), event(8, null, null), event(8, null, null)];
      for (const [what, rows] of [
        ['the first version', first],
        ['a smaller one', versionOf(2, 10)],
        ['a larger one', versionOf(3, 5_000)],
      ] as const) {
        const { rowCount } = await refreshTable(table, { schema, rows });
        if (rowCount !== BigInt(rows.length))
          context.fail({ expected: `${what}: ${rows.length} rows committed`, found: `${rowCount}` });
        await expectTable(context, opened, { what, rows });
      }
    },
  },
  {
    id: 'checkpoint-is-kept',
    number: 151,
    title:
      'a commit keeps its checkpoint: watermark, offset and time as given, with the count of rows and the definition',
    fix: 'Keep the whole checkpoint that `commit` was given, with schema, definition hash and row count.',
    async run(context) {
      const { table, schema } = await context.open({ definitionHash: 'hash of this one' });
      const given = { watermark: '2024-05-01T10:11:12.123456', offset: { lsn: '0/16B3748', part: [1, null] } };
      await refreshTable(table, { schema, rows: versionOf(1, 30), checkpoint: given });
      const complete = { definitionHash: 'hash of this one', rowCount: 30n, schema };
      const text = describeCheckpoint({ ...checkpointOf(given), ...complete });
      expectCheckpoint(context, table, { what: 'the first commit', text });
      await refreshTable(table, { schema, rows: versionOf(2, 3) });
      const second = describeCheckpoint({ ...checkpointOf(), ...complete, rowCount: 3n });
      expectCheckpoint(context, table, { what: 'one without a watermark', text: second });
    },
  },
  {
    id: 'empty-refresh',
    number: 151,
    title: 'a refresh without rows leaves an empty table with a checkpoint',
    fix: 'Publish no rows as any others: an empty source is not a failed one.',
    async run(context) {
      const opened = await context.open();
      const { table, schema } = opened;
      for (const batches of [[], batchesOf({ schema, rows: [] })]) {
        await refreshTable(table, { schema, rows: versionOf(1, 50) });
        await using session = await table.beginRefresh(OVERWRITE, idleContext());
        await writeBatches(session, batches);
        const { rowCount } = await session.commit(checkpointOf());
        if (rowCount !== 0n || table.checkpoint?.rowCount !== 0n)
          context.fail({ expected: 'no rows committed', found: `${rowCount}` });
        await expectTable(context, opened, { what: `after ${batches.length} batches without rows`, rows: [] });
      }
    },
  },
  {
    id: 'batches-of-any-shape',
    number: 151,
    title: 'batches that are empty, of one row, large, or slices of others are all taken',
    fix: 'Read each column from its offset, and never count batches instead of rows.',
    async run(context) {
      const opened = await context.open();
      const { table, schema } = opened;
      const rows = versionOf(1, 9_000);
      const [whole] = batchesOf({ schema, rows, batchRowCount: rows.length });
      const cuts = [0, 1, 2, 2, 9, 1_000, 1_003, 5_000, 5_000, 8_999, 9_000];
      const batches = cuts.slice(1).map((end, index) => sliceBatch(whole!, cuts[index]!, end));
      await using session = await table.beginRefresh(OVERWRITE, idleContext());
      await writeBatches(session, batches);
      await session.commit(checkpointOf());
      await expectTable(context, opened, { what: 'slices', rows });
    },
  },
  {
    id: 'old-rows-until-commit',
    number: 151,
    title: 'until the commit readers see the old rows and the old checkpoint, and from then on the new ones',
    fix: 'Collect the new rows aside, and publish rows and checkpoint in one step.',
    async run(context) {
      const opened = await context.open();
      const { table, schema } = opened;
      const [old, next] = [versionOf(1, 400), versionOf(2, 700)];
      await refreshTable(table, { schema, rows: old, checkpoint: { watermark: 'old' } });
      const text = checkpointText(table);
      const expectOld = async (what: string): Promise<void> => {
        await expectTable(context, opened, { what, rows: old });
        expectCheckpoint(context, table, { what, text });
      };
      await using session = await table.beginRefresh(OVERWRITE, idleContext());
      await expectOld('after beginRefresh');
      await using writer = await session.writer();
      for (const batch of batchesOf({ schema, rows: next, batchRowCount: 300 })) {
        await writer.write(batch);
        await expectOld('after a batch');
      }
      await writer.finish();
      await expectOld('after finish');
      await session.commit(checkpointOf({ watermark: 'new' }));
      await expectTable(context, opened, { what: 'after the commit', rows: next });
      if (table.checkpoint?.watermark !== 'new')
        context.fail({ expected: 'the new checkpoint after the commit', found: checkpointText(table) });
    },
  },
  {
    id: 'readers-see-one-version',
    number: 151,
    title: 'readers during refreshes see one whole version each: never none, a part, or two',
    fix: 'Swap versions in one step that a running scan does not notice.',
    timeoutMs: 300_000,
    async run(context) {
      const opened = await context.open();
      const refreshCount = context.count(50, 8);
      const size = (version: number): number => 3_000 + version * 7;
      await refreshTable(opened.table, { schema: opened.schema, rows: versionOf(0, size(0)) });
      const reads = await readVersionsDuring(context, opened, {
        versions: { ordinal: 2, size },
        async work() {
          for (let version = 1; version <= refreshCount; version += 1)
            await refreshTable(opened.table, { schema: opened.schema, rows: versionOf(version, size(version)) });
        },
      });
      context.note(`${reads} reads during ${refreshCount} refreshes`);
    },
  },
  {
    id: 'scans-keep-their-version',
    number: 157,
    title: 'a scan that has begun to deliver before a commit gives the rows from before it to the end',
    fix: 'Let a scan hold the version that it began with until it ends.',
    async run(context) {
      const opened = await context.open();
      const { table, schema } = opened;
      const old = versionOf(1, 20_000);
      await refreshTable(table, { schema, rows: old });
      const reading = { ...idleContext(), batchRowCount: 500 };
      const plan = await planTable(table, {}, reading);
      const streams = plan.partitions.map((partition) => plan.execute(partition, reading)[Symbol.asyncIterator]());
      const batches = [];
      for (const stream of streams) {
        const first = await stream.next();
        if (!first.done) batches.push(first.value);
      }
      for (let version = 2; version < 5; version += 1)
        await refreshTable(table, { schema, rows: versionOf(version, 1_000) });
      for (const stream of streams)
        for (let next = await stream.next(); !next.done; next = await stream.next()) batches.push(next.value);
      const difference = compareMultisets(rowsOf(batches), context.expected(schema.fields, old));
      if (difference) context.fail({ ...difference, expected: `the old version: ${difference.expected}` });
      await expectTable(context, opened, { what: 'a later scan', rows: versionOf(4, 1_000) });
    },
  },
  {
    id: 'tables-refresh-side-by-side',
    number: 157,
    title: 'several tables are refreshed at the same time, each with its own rows',
    fix: 'Keep what a refresh collects in its session.',
    async run(context) {
      const tables = await Promise.all(Array.from({ length: 4 }, () => context.open()));
      for (const round of [1, 2])
        await Promise.all(
          tables.map(({ table, schema }, index) =>
            refreshTable(table, { schema, rows: versionOf(10 * round + index, 1_500 + index) }),
          ),
        );
      for (const [index, opened] of tables.entries())
        await expectTable(context, opened, { what: `table ${index}`, rows: versionOf(20 + index, 1_500 + index) });
    },
  },
  {
    id: 'native-loads-are-whole',
    number: 151,
    title: 'a load from a native relation gives the same rows as batches do, or says that it did nothing',
    fix: 'Return undefined before anything is loaded, or load every row of the relation.',
    async run(context) {
      const opened = await context.open();
      const { table, schema } = opened;
      const rows = versionOf(1, 2_000);
      const batches = batchesOf({ schema, rows });
      await using session = await table.beginRefresh(OVERWRITE, idleContext());
      if (session.loadNative === undefined) return context.skip('refreshes load no native relations');
      const names = schema.fields.map(({ name }) => name);
      const loaded = await session.loadNative({ kind: 'batches', batches }, names);
      if (loaded === undefined) await writeBatches(session, batches);
      else if (loaded !== 2_000n) context.fail({ expected: '2000 rows loaded', found: `${loaded}` });
      await session.commit(checkpointOf());
      await expectTable(context, opened, { what: loaded === undefined ? 'batches' : 'the relation', rows });
    },
  },
]);
