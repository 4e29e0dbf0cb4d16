import { describeRows, VERSION_SCHEMA, versionBatches } from '@millrace/test-fixtures';
import { accelerate, refresh, scanAll } from './accelerate.ts';

/**
 * A process whose files may not grow beyond a limit, which says how refreshes go: one that fits, one that does not, the rows that are there
 * then, and another one that fits. Arguments: the folder, and the rows that fit and do not.
 */
const [folder = '', few = '0', many = '0'] = process.argv.slice(2);

const { accelerator, table } = await accelerate({ folder, schema: VERSION_SCHEMA, mode: 'file' });
const outcomes: unknown[] = [];
for (const [version, rowCount] of [
  [1, Number(few)],
  [2, Number(many)],
  [3, Number(few)],
] as const) {
  const outcome = await refresh(table, versionBatches(version, rowCount), version).then(
    () => 'loaded',
    (error: { readonly code?: string; readonly retryable?: boolean }) => ({
      code: error.code,
      retryable: error.retryable,
    }),
  );
  const { rowCount: found, versions } = describeRows(await scanAll(table));
  outcomes.push({ outcome, found, versions, refreshedAtMs: table.checkpoint?.refreshedAtMs });
}
await accelerator.shutdown();
process.stdout.write(JSON.stringify(outcomes));
