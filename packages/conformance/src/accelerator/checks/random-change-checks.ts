import { dataTypes, type Field, field } from '@millrace/core';
import { required } from '../../data/small-tables.ts';
import { idleContext } from '../../open-connector.ts';
import { type AcceleratorCheck, defineAcceleratorChecks } from '../accelerator-check.ts';
import type { Accelerated, AcceleratorContext, OpenAcceleratedRequest } from '../accelerator-context.ts';
import { applyChanges, CHANGES_FIX, type Change, changeRefresh, KeyedRows } from '../change-rows.ts';
import { ChangingSource } from '../changing-source.ts';
import { copyFolder } from '../disk.ts';
import { checkpointText, expectTable } from '../expect-table.ts';
import { KEYED, KEYED_ROWS, keyedRow } from '../keyed-table.ts';
import { inOwnFolder, restart } from '../own-folder.ts';
import { randomNumbers, seedOf } from '../random-numbers.ts';
import { batchesOf, checkpointOf, refreshTable, writeBatches } from '../write-rows.ts';

/** Sequences of changes, and what a process that ends in the middle of one leaves. */
export const RANDOM_CHANGE_CHECKS: readonly AcceleratorCheck[] = [
  ...defineAcceleratorChecks('changes', [
    {
      id: 'random-operations',
      number: 153,
      title:
        'after random inserts, updates, deletes, changes of keys and inserts again the table is equal to its source',
      fix: CHANGES_FIX,
      timeoutMs: 1_800_000,
      async run(context) {
        context.requireChanges();
        const operationCount = context.count(1_000, 120);
        const seed = seedOf(operationCount === 1_000 ? 'full' : 'reduced');
        for (const [index, indexes] of INDEXES.entries())
          await followSource(context, { operationCount, seed: seed + index, indexes, number: index });
      },
    },
  ]),
  ...defineAcceleratorChecks('files', [
    {
      id: 'changes-are-found-again',
      number: 154,
      title:
        'what a crash leaves at any step of changes is the rows before them or after them, with the offset of those rows',
      fix: 'Commit rows and offset in one transaction, and roll back what was not committed when the file is opened.',
      async run(context) {
        context.requireChanges();
        const request = { ...KEYED, ...(await inOwnFolder(context)) };
        const opened = await context.open(request);
        const { table, schema } = opened;
        const images: { readonly folder: string; readonly commits: readonly number[] }[] = [];
        const takeImage = async (...commits: number[]): Promise<void> => {
          const folder = `${request.dataDirectory}-changes-${images.length}`;
          await copyFolder(request.dataDirectory, folder);
          images.push({ folder, commits });
        };
        await refreshTable(table, { schema, rows: KEYED_ROWS, checkpoint: { offset: { commit: 0 } } });
        for (const commit of [1, 2]) {
          await takeImage(commit - 1);
          await using session = await table.beginRefresh({ mode: { kind: 'changes' } }, idleContext());
          await writeBatches(
            session,
            batchesOf(changeRefresh({ schema, changes: COMMITS[commit - 1]!, batchRowCount: 2 })),
          );
          await takeImage(commit - 1);
          await session.commit(checkpointOf({ offset: { commit } }));
          await takeImage(commit);
        }
        await restart(context, opened);
        for (const [index, { folder, commits }] of images.entries()) {
          const found = await context.open({ ...request, dataDirectory: folder });
          const offset = found.table.checkpoint?.offset as { readonly commit: number } | undefined;
          if (found.status.kind !== 'ready' || offset === undefined || !commits.includes(offset.commit))
            return context.fail({
              expected: `image ${index}: the offset of commit ${commits.join(' or ')}`,
              found: `${found.status.kind}, ${checkpointText(found.table)}`,
            });
          const source = new KeyedRows(KEYED_ROWS).apply(COMMITS.slice(0, offset.commit).flat());
          await expectTable(context, found, { what: `image ${index}`, rows: source.all });
          const rest = COMMITS.slice(offset.commit).flat();
          await applyChanges(found.table, { schema, changes: rest });
          await expectTable(context, found, { what: `image ${index}, from there on`, rows: source.apply(rest).all });
          await restart(context, found);
        }
      },
    },
  ]),
];

const COMMITS: readonly (readonly Change[])[] = [
  [
    ['insert', keyedRow(4, 'x')],
    ['delete', keyedRow(1, 'a')],
    ['update_postimage', keyedRow(2, 'c')],
  ],
  [
    ['update_preimage', keyedRow(4, 'x')],
    ['update_postimage', keyedRow(5, 'x')],
    ['insert', keyedRow(1, 'again')],
    ['delete', keyedRow(3, null)],
  ],
];

const FIELDS: readonly Field[] = [
  required('id', dataTypes.int64()),
  required('part', dataTypes.utf8()),
  field('code', dataTypes.utf8()),
  field('amount', dataTypes.decimal(12, 2)),
  field('at', dataTypes.timestamp()),
  field('flag', dataTypes.bool()),
];

/** Of two tables, as engines keep rows that are indexed in another way. */
const INDEXES: readonly NonNullable<OpenAcceleratedRequest['indexes']>[] = [
  [],
  [
    { columns: ['code'], unique: true },
    { columns: ['amount', 'at'], unique: false },
  ],
];

interface Sequence {
  readonly operationCount: number;
  readonly seed: number;
  readonly indexes: (typeof INDEXES)[number];
  readonly number: number;
}

/** Lets a source change at random, and follows it by commits of some changes each; now and then one is aborted first, or done again. */
async function followSource(
  context: AcceleratorContext,
  { operationCount, seed, indexes, number }: Sequence,
): Promise<void> {
  const random = randomNumbers(seed);
  const source = new ChangingSource(random);
  const place = context.mode === 'file' ? { name: `followed_${number}`, dataDirectory: await context.folder() } : {};
  const request = { fields: FIELDS, primaryKey: ['id', 'part'], indexes, refreshMode: 'changes', ...place } as const;
  let opened = await context.open(request);
  let commitCount = 0;
  let changeCount = 0;
  let former: readonly Change[] = [];
  while (source.operationCount < operationCount) {
    const changes = source.run(Math.min(1 + random.below(30), operationCount - source.operationCount));
    const offset = { version: String(source.operationCount) };
    const { schema } = opened;
    const refresh = { schema, changes, checkpoint: { offset }, batchRowCount: 1 + random.below(40) };
    if (random.below(5) === 0) await abortChanges(opened, refresh);
    if (random.below(12) === 0)
      await refreshTable(opened.table, { schema, rows: source.before, checkpoint: { offset } });
    await applyChanges(opened.table, refresh);
    // As after a crash between the commit and its acknowledgement, also one commit further back.
    if (random.below(5) === 0) await applyChanges(opened.table, { ...refresh, changes: [...former, ...changes] });
    const what = `sequence of seed ${seed}, ${source.operationCount} operations`;
    if (context.mode === 'file' && random.below(8) === 0) opened = await reopen(context, opened, request);
    await expectTable(context, opened, { what, rows: source.rows });
    const found = opened.table.checkpoint;
    if (JSON.stringify(found?.offset) !== JSON.stringify(offset) || found?.rowCount !== BigInt(source.rows.length))
      context.fail({
        expected: `${what}: ${source.rows.length} rows, offset ${JSON.stringify(offset)}`,
        found: checkpointText(opened.table),
      });
    former = changes;
    commitCount += 1;
    changeCount += changes.length;
  }
  context.note(
    `${source.operationCount} operations, ${changeCount} changes in ${commitCount} commits from seed ${seed}`,
  );
  await opened.shutdown();
}

async function abortChanges({ table }: Accelerated, refresh: Parameters<typeof changeRefresh>[0]): Promise<void> {
  await using session = await table.beginRefresh({ mode: { kind: 'changes' } }, idleContext());
  await writeBatches(session, batchesOf(changeRefresh(refresh)));
  await session.abort();
}

async function reopen(
  context: AcceleratorContext,
  opened: Accelerated,
  request: OpenAcceleratedRequest,
): Promise<Accelerated> {
  await restart(context, opened);
  return context.open(request);
}
