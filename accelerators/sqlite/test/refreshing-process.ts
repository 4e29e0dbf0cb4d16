import type { CreateTableCommand } from '@millrace/core';
import { changeBatch, VERSION_SCHEMA, versionBatches, versionBound } from '@millrace/test-fixtures';
import { accelerate, refresh } from './accelerate.ts';

/**
 * A process that refreshes a dataset in a file until it is killed, in full, by append and by changes in turn. Arguments: the folder, and the number of
 * its first version. The version is told by `refreshedAtMs` and by every row, and decides how many rows there are.
 */
const [folder = '', first = '1'] = process.argv.slice(2);

export function rowCountOf(version: number): number {
  return 20_000 + version * 7;
}

/** What changes need. */
export const COMMAND: Partial<CreateTableCommand> = { primaryKey: ['i'] };

if (folder !== '') {
  const { table } = await accelerate({ folder, schema: VERSION_SCHEMA, mode: 'file', command: COMMAND });
  process.stdout.write('ready\n');
  for (let version = Number(first); ; version++) {
    const batches = versionBatches(version, rowCountOf(version), 10_000);
    if (version % 3 === 0) await refresh(table, batches, version);
    else if (version % 3 === 1) await refresh(table, batches, version, versionBound(version));
    else
      await refresh(
        table,
        batches.map((batch) => changeBatch(batch, 'update_postimage')),
        version,
        { kind: 'changes' },
      );
    process.stdout.write(`${version}\n`);
  }
}
