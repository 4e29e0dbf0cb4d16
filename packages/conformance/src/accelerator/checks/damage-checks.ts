import { rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compareMultisets } from '../../read/compare-rows.ts';
import { expectError } from '../../read/expect-error.ts';
import { scanTable } from '../../read/scan-table.ts';
import { type AcceleratorCheck, defineAcceleratorChecks } from '../accelerator-check.ts';
import { damageFile, makeReadOnly } from '../break-files.ts';
import { bytesOnDisk } from '../disk.ts';
import { versionOf } from '../events.ts';
import { expectTable } from '../expect-table.ts';
import { inOwnFolder, restart } from '../own-folder.ts';
import { refreshTable } from '../write-rows.ts';

/** Files that may not be written, cannot be made, are torn, or grow. */
export const DAMAGE_CHECKS: readonly AcceleratorCheck[] = defineAcceleratorChecks('files', [
  {
    id: 'read-only-files',
    number: 159,
    title: 'a file that may not be written is an `io` error at opening or at the refresh, and its rows stay',
    fix: 'Classify a refused write as `io` with advice, and never delete what cannot be opened.',
    async run(context) {
      const request = await inOwnFolder(context);
      const rows = versionOf(1, 200);
      const first = await context.open(request);
      await refreshTable(first.table, { schema: first.schema, rows });
      const path = first.accelerator.filePath(first.command)!;
      await restart(context, first);
      const giveBack = await (context.subject.faults?.makeReadOnly ?? makeReadOnly)(path);
      if (giveBack === undefined) return context.skip('this process cannot take away its own right to write');
      try {
        const run = async (): Promise<void> => {
          const opened = await context.open(request);
          try {
            await expectTable(context, opened, { what: 'the read-only file', rows });
            await refreshTable(opened.table, { schema: opened.schema, rows: versionOf(2, 5_000) });
          } finally {
            await opened.shutdown();
          }
        };
        const error = await expectError(context, { what: 'a refresh', run, codes: ['io', 'unauthorized'] });
        if (error.hint === undefined) context.fail({ expected: 'a hint', found: `none: ${error.message}` });
      } finally {
        await giveBack();
      }
      const second = await context.open(request);
      await expectTable(context, second, { what: 'once it may be written again', rows });
    },
  },
  {
    id: 'places-that-are-none',
    number: 159,
    title: 'a data directory that cannot be made is an `io` error that names the place',
    fix: 'Make the folder on demand, and classify what the file system says.',
    async run(context) {
      const folder = (await inOwnFolder(context)).dataDirectory;
      const blocked = join(folder, 'a-file');
      await writeFile(blocked, 'no folder');
      const dataDirectory = join(blocked, 'data');
      const run = async (): Promise<void> => {
        const { table, schema } = await context.open({ name: 'nowhere', dataDirectory });
        await refreshTable(table, { schema, rows: versionOf(1, 10) });
      };
      const error = await expectError(context, { what: 'a folder below a file', run, codes: ['io'] });
      if (!error.message.includes('nowhere') && !error.message.includes(dataDirectory))
        context.fail({ expected: 'a message that names dataset or place', found: error.message });
    },
  },
  {
    id: 'damaged-files',
    number: 159,
    title: 'a damaged file is `invalid_data` or `io`, or is discarded: never rows; without it the table starts anew',
    fix: 'Check a signature or a checksum in `init`, and name the file in the error.',
    async run(context) {
      const request = await inOwnFolder(context);
      const first = await context.open(request);
      await refreshTable(first.table, { schema: first.schema, rows: versionOf(1, 5_000) });
      const path = first.accelerator.filePath(first.command)!;
      await restart(context, first);
      await (context.subject.faults?.damage ?? damageFile)(path);
      const { size } = await stat(path);
      const opening = await settle(() => context.open(request));
      if (opening.status === 'fulfilled') {
        const { status, table, shutdown } = opening.value;
        const { rows } = await scanTable(table);
        if (status.kind !== 'discarded' || rows.length > 0)
          context.fail({
            expected: 'an error, or discarded and no rows',
            found: `${status.kind}, ${rows.length} rows`,
          });
        await shutdown();
      } else {
        const run = () => Promise.reject(opening.reason);
        const error = await expectError(context, { what: 'opening it', run, codes: ['invalid_data', 'io'] });
        if (!error.message.includes(path))
          context.fail({ expected: `a message that names ${path}`, found: error.message });
        if ((await stat(path)).size !== size)
          context.fail({ expected: 'the file is left as it is', found: 'another length' });
      }
      await rm(request.dataDirectory, { recursive: true });
      const second = await context.open(request);
      const rows = versionOf(2, 20);
      await refreshTable(second.table, { schema: second.schema, rows });
      await expectTable(context, second, { what: 'without the damaged file', rows });
    },
  },
  {
    id: 'files-do-not-grow',
    number: 159,
    title: 'after many refreshes the files are a few times as large as one version, and nothing is left behind',
    fix: 'Drop old versions in the commit and give their space back; remove what is written aside.',
    timeoutMs: 300_000,
    async run(context) {
      const request = await inOwnFolder(context);
      const folder = request.dataDirectory;
      const { table, schema } = await context.open(request);
      const refreshCount = context.count(100, 12);
      const rows = (version: number) => versionOf(version, 20_000);
      await refreshTable(table, { schema, rows: rows(0) });
      const one = await bytesOnDisk(folder);
      for (let version = 1; version <= refreshCount; version += 1)
        await refreshTable(table, { schema, rows: rows(version) });
      const all = await bytesOnDisk(folder);
      context.note(`${one} bytes after one refresh, ${all} after ${refreshCount} more`);
      const allowed = 6 * Math.max(one, 500_000);
      if (all > allowed) context.fail({ expected: `${allowed} bytes at most`, found: `${all}` });
      const difference = compareMultisets(
        (await scanTable(table)).rows,
        context.expected(schema.fields, rows(refreshCount)),
      );
      if (difference) context.fail(difference);
    },
  },
]);

async function settle<T>(work: () => Promise<T>): Promise<PromiseSettledResult<T>> {
  const [result] = await Promise.allSettled([work()]);
  return result;
}
