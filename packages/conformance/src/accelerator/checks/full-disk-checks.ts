import { isMillraceError } from '@millrace/core';
import { type AcceleratorCheck, defineAcceleratorChecks } from '../accelerator-check.ts';
import type { Accelerated, AcceleratorContext } from '../accelerator-context.ts';
import { largestFile } from '../disk.ts';
import { versionOf } from '../events.ts';
import { checkpointText, expectCheckpoint, expectTable } from '../expect-table.ts';
import { limitFiles } from '../limit-files.ts';
import { inOwnFolder, restart } from '../own-folder.ts';
import { refreshTable, type SourceRows } from '../write-rows.ts';

/** Rows of a refresh that fills the disk: one of which a log takes all at first, and one that goes to the file itself. */
const SIZES = [60, 20_000];
const OLD_ROWS = 3_000;

/** Each step of a refresh that writes, failing. */
export const FULL_DISK_CHECKS: readonly AcceleratorCheck[] = defineAcceleratorChecks('files', [
  {
    id: 'full-disks',
    number: 159,
    title:
      'a write that fails at any step is `io` and leaves the old rows, or the new ones are there; either way it goes on',
    fix: 'Classify what the file system says, keep serving what was committed, and open the file again where the engine gave it up.',
    timeoutMs: 300_000,
    async run(context) {
      const request = await inOwnFolder(context);
      let opened = await context.open(request);
      const failures: string[] = [];
      const limits = LIMITS.slice(0, context.count(LIMITS.length, 3));
      for (const [index, limitOf] of limits.entries()) {
        for (const size of SIZES) {
          const old = versionOf(index, OLD_ROWS);
          await refreshTable(opened.table, { schema: opened.schema, rows: old, checkpoint: { watermark: 'old' } });
          const limit = limitOf(await largestFile(request.dataDirectory));
          const written = versionOf(100 + index, size);
          const outcome = await refreshWithin(context, { opened, limit, rows: written });
          if (outcome !== 'loaded') failures.push(outcome);
          const rows: SourceRows = outcome === 'loaded' ? written : old;
          const what = `${size} rows, files of ${limit} bytes at most: ${outcome}`;
          await expectTable(context, opened, { what, rows });
          if (opened.table.checkpoint?.watermark !== (outcome === 'loaded' ? 'new' : 'old'))
            context.fail({ expected: `${what}, and its checkpoint`, found: checkpointText(opened.table) });
          const text = checkpointText(opened.table);
          await restart(context, opened);
          opened = await context.open(request);
          await expectTable(context, opened, { what: `${what}, after a restart`, rows });
          expectCheckpoint(context, opened.table, { what: `${what}, after a restart`, text });
        }
      }
      if (failures.length === 0) context.fail({ expected: 'refreshes that fail', found: 'none did' });
      context.note(`${failures.length} of ${limits.length * SIZES.length} refreshes failed: ${failures[0]}`);
    },
  },
]);

/** Bytes that a file may have, by those that the largest has: from none to some more than now. */
const LIMITS: readonly ((largest: number) => number)[] = [
  () => 0,
  () => 5_000,
  (largest) => Math.floor(largest / 4),
  (largest) => largest,
  (largest) => largest + 300_000,
];

async function refreshWithin(
  context: AcceleratorContext,
  { opened, limit, rows }: { readonly opened: Accelerated; readonly limit: number; readonly rows: SourceRows },
): Promise<string> {
  const { table, schema } = opened;
  const lift = await (context.subject.faults?.limitFiles ?? limitFiles)(limit);
  if (lift === undefined) return context.skip('this system sets no limit on the files of a process');
  try {
    await refreshTable(table, { schema, rows, checkpoint: { watermark: 'new' } });
    return 'loaded';
  } catch (error) {
    if (!isMillraceError(error)) return context.fail({ expected: 'a MillraceError', found: String(error) });
    const { code, hint, message } = error;
    if (code !== 'io' && code !== 'resource_exhausted')
      context.fail({ expected: 'the code io or resource_exhausted', found: `${code}: ${message}` });
    if (hint === undefined) context.fail({ expected: 'a hint', found: `none: ${message}` });
    return code;
  } finally {
    await lift();
  }
}
