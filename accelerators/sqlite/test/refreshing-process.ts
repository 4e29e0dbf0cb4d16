import { VERSION_SCHEMA, versionBatches, versionBound } from '@millrace/test-fixtures';
import { accelerate, refresh } from './accelerate.ts';

/**
 * A process that refreshes a dataset in a file until it is killed, in full and by append in turn. Arguments: the folder, and the number of
 * its first version. The version is told by `refreshedAtMs` and by every row, and decides how many rows there are.
 */
const [folder = '', first = '1'] = process.argv.slice(2);

export function rowCountOf(version: number): number {
  return 20_000 + version * 7;
}

if (folder !== '') {
  const { table } = await accelerate({ folder, schema: VERSION_SCHEMA, mode: 'file' });
  process.stdout.write('ready\n');
  for (let version = Number(first); ; version++) {
    const batches = versionBatches(version, rowCountOf(version), 10_000);
    const mode = version % 2 === 0 ? { kind: 'overwrite' as const } : versionBound(version);
    await refresh(table, batches, version, mode);
    process.stdout.write(`${version}\n`);
  }
}
