import { rm } from 'node:fs/promises';
import { idleContext } from '../../open-connector.ts';
import { expectError } from '../../read/expect-error.ts';
import { scanTable } from '../../read/scan-table.ts';
import { type AcceleratorCheck, defineAcceleratorChecks } from '../accelerator-check.ts';
import type { OpenAcceleratedRequest } from '../accelerator-context.ts';
import { copyFolder, openFiles } from '../disk.ts';
import { EVENT_FIELDS, versionOf } from '../events.ts';
import { checkpointText, expectTable } from '../expect-table.ts';
import { inOwnFolder, restart } from '../own-folder.ts';
import { batchesOf, checkpointOf, describeCheckpoint, refreshTable } from '../write-rows.ts';

const OVERWRITE = { mode: { kind: 'overwrite' } } as const;
const POSITION = {
  watermark: '2024-05-01T10:11:12.123456',
  offset: { lsn: '0/16B3748' },
  refreshedAtMs: 1_714_558_272_123,
};

/** What survives the process, and who owns a file. */
export const FILE_CHECKS: readonly AcceleratorCheck[] = defineAcceleratorChecks('files', [
  {
    id: 'restart-finds-everything',
    number: 154,
    title: 'after a restart rows and checkpoint are there again, watermark and offset included',
    fix: 'Write the checkpoint beside the rows, in their transaction, and read it in `init`.',
    async run(context) {
      const request = await inOwnFolder(context);
      const rows = versionOf(3, 2_500);
      const first = await context.open(request);
      await refreshTable(first.table, { schema: first.schema, rows: versionOf(1, 10) });
      await refreshTable(first.table, { schema: first.schema, rows, checkpoint: POSITION });
      const text = checkpointText(first.table);
      await restart(context, first);
      const second = await context.open(request);
      if (second.status.kind !== 'ready')
        return context.fail({ expected: 'init: ready', found: JSON.stringify(second.status) });
      for (const checkpoint of [second.status.checkpoint, second.table.checkpoint])
        if (describeCheckpoint(checkpoint) !== text)
          context.fail({ expected: `the checkpoint ${text}`, found: describeCheckpoint(checkpoint) });
      await expectTable(context, second, { what: 'after the restart', rows });
      const next = versionOf(4, 30);
      await refreshTable(second.table, { schema: second.schema, rows: next });
      await expectTable(context, second, { what: 'the next refresh', rows: next });
    },
  },
  {
    id: 'other-definitions-are-discarded',
    number: 154,
    title: 'rows of another definition or of other columns are discarded with a reason, and the table is empty',
    fix: 'Compare definition hash and columns in `init`; answer `discarded` and start with an empty table.',
    async run(context) {
      const base = await inOwnFolder(context);
      const others: readonly (readonly [string, OpenAcceleratedRequest])[] = [
        ['another hash', { ...base, definitionHash: 'definition 2' }],
        ['other columns', { ...base, fields: EVENT_FIELDS.slice(0, 2) }],
      ];
      for (const [what, request] of others) {
        const first = await context.open(base);
        await refreshTable(first.table, { schema: first.schema, rows: versionOf(1, 300), checkpoint: POSITION });
        await restart(context, first);
        const second = await context.open(request);
        if (second.status.kind !== 'discarded' || second.status.reason === '')
          context.fail({ expected: `${what}: discarded, with a reason`, found: JSON.stringify(second.status.kind) });
        if (second.table.checkpoint !== undefined)
          context.fail({ expected: `${what}: no checkpoint`, found: checkpointText(second.table) });
        const rows = versionOf(2, 20).map((row) => row.slice(0, second.schema.fields.length));
        await expectTable(context, second, { what, rows: [] });
        await refreshTable(second.table, { schema: second.schema, rows });
        await restart(context, second);
        const third = await context.open(request);
        await expectTable(context, third, { what: `${what}, loaded again`, rows });
        await restart(context, third);
      }
    },
  },
  {
    id: 'unfinished-refreshes-are-gone',
    number: 154,
    title: 'a refresh that a shutdown cut short leaves the rows and the checkpoint of the last commit',
    fix: 'Make the new rows reachable in the transaction that writes the checkpoint, and clean up in `init`.',
    async run(context) {
      const request = await inOwnFolder(context);
      const rows = versionOf(1, 400);
      const first = await context.open(request);
      await refreshTable(first.table, { schema: first.schema, rows, checkpoint: POSITION });
      const text = checkpointText(first.table);
      const session = await first.table.beginRefresh(OVERWRITE, idleContext());
      const writer = await session.writer();
      for (const batch of batchesOf({ schema: first.schema, rows: versionOf(2, 5_000) })) await writer.write(batch);
      await writer.finish();
      await restart(context, first);
      const second = await context.open(request);
      await expectTable(context, second, { what: 'after the restart', rows });
      if (checkpointText(second.table) !== text)
        context.fail({ expected: `the checkpoint ${text}`, found: checkpointText(second.table) });
    },
  },
  {
    id: 'crashes-leave-a-version',
    number: 154,
    title: 'what a crash leaves at any step of a refresh is the old version or the new one, with its checkpoint',
    fix: 'Write aside, and let one durable step (a commit, a rename) make rows and checkpoint the current ones.',
    async run(context) {
      const request = await inOwnFolder(context);
      const folder = request.dataDirectory;
      const opened = await context.open(request);
      const { table, schema } = opened;
      const size = (version: number): number => 2_000 + 500 * version;
      const images: string[] = [];
      const takeImage = async (): Promise<void> => {
        images.push(`${folder}-crash-${images.length}`);
        await copyFolder(folder, images.at(-1)!);
      };
      await refreshTable(table, { schema, rows: versionOf(1, size(1)), checkpoint: { watermark: '1' } });
      for (const version of [2, 3]) {
        await takeImage();
        await using session = await table.beginRefresh(OVERWRITE, idleContext());
        await using writer = await session.writer();
        for (const [index, batch] of batchesOf({ schema, rows: versionOf(version, size(version)) }).entries()) {
          await writer.write(batch);
          if (index === 1) await takeImage();
        }
        await writer.finish();
        await takeImage();
        await session.commit(checkpointOf({ watermark: String(version) }));
        await takeImage();
      }
      await restart(context, opened);
      // Once for every image: which of the two versions it may hold.
      const allowed = [[1], [1], [1], [2], [2], [2], [2], [3]];
      for (const [index, dataDirectory] of images.entries()) {
        const crashed = await context.open({ ...request, dataDirectory });
        const version = Number(crashed.table.checkpoint?.watermark);
        if (!allowed[index]!.includes(version))
          context.fail({
            expected: `image ${index}: version ${allowed[index]!.join(' or ')}`,
            found: `${crashed.status.kind}, ${checkpointText(crashed.table)}`,
          });
        await expectTable(context, crashed, { what: `image ${index}`, rows: versionOf(version, size(version)) });
        await refreshTable(crashed.table, { schema, rows: versionOf(9, 10) });
        await restart(context, crashed);
      }
    },
  },
  {
    id: 'shutdown-releases-files',
    number: 7,
    title: 'after shutdown no file is open, the folder can be removed, and a new table starts there',
    fix: 'Close every handle in `shutdown`, and await that.',
    async run(context) {
      const request = await inOwnFolder(context);
      const folder = request.dataDirectory;
      const first = await context.open(request);
      await refreshTable(first.table, { schema: first.schema, rows: versionOf(1, 100) });
      await scanTable(first.table);
      await restart(context, first);
      await first.accelerator.shutdown();
      const left = await openFiles(folder);
      if (left === undefined) context.note('the system does not tell which files are open');
      else if (left.length > 0) context.fail({ expected: 'no open file', found: left.join(', ') });
      await rm(folder, { recursive: true });
      const second = await context.open(request);
      if (second.status.kind !== 'empty') context.fail({ expected: 'init: empty', found: second.status.kind });
      const rows = versionOf(2, 30);
      await refreshTable(second.table, { schema: second.schema, rows });
      await expectTable(context, second, { what: 'in the new folder', rows });
    },
  },
  {
    id: 'one-owner',
    number: 157,
    title: 'a second accelerator of an open file is refused with a code or sees the same rows, and opens it later',
    fix: 'Lock the file and throw `conflict`, or share one owner of the file in the process.',
    async run(context) {
      const request = await inOwnFolder(context);
      const rows = versionOf(1, 200);
      const first = await context.open(request);
      await refreshTable(first.table, { schema: first.schema, rows });
      const second = await context.open(request).catch((error: unknown) => ({ error }));
      if ('error' in second) {
        const run = () => Promise.reject(second.error);
        await expectError(context, { what: 'a second owner', run, codes: ['conflict', 'io', 'unavailable'] });
      } else {
        await expectTable(context, second, { what: 'through the second accelerator', rows });
        await second.shutdown();
      }
      await expectTable(context, first, { what: 'through the first one', rows });
      await restart(context, first);
      const third = await context.open(request);
      await expectTable(context, third, { what: 'after the first one has ended', rows });
    },
  },
]);
