import { VERSION_SCHEMA, versionBatches, versionBound } from '@millrace/test-fixtures';
import { accelerate, CONTEXT, reach } from './accelerate.ts';

/**
 * A process that refreshes a dataset until it is killed, in full and by append in turn, and says before each step what it is about to do. Arguments:
 * the database, the name of its connections, and the number of its first version. The version is told by `refreshedAtMs` and by every row,
 * and decides how many rows there are.
 */
const [connectionString = '', applicationName = '', first = '1'] = process.argv.slice(2);

export function rowCountOf(version: number): number {
  return 20_000 + version * 7;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

if (connectionString !== '') {
  const given = { ...reach({ connectionString }), pg_application_name: applicationName };
  const { table } = await accelerate({
    given,
    schema: VERSION_SCHEMA,
    command: { indexes: [{ columns: ['i'], unique: true }] },
  });
  for (let version = Number(first); ; version++) {
    say('begin');
    const mode = version % 2 === 0 ? { kind: 'overwrite' as const } : versionBound(version);
    await using session = await table.beginRefresh({ mode }, CONTEXT);
    await using writer = await session.writer();
    for (const batch of versionBatches(version, rowCountOf(version), 5_000)) {
      say('write');
      await writer.write(batch);
    }
    say('finish');
    await writer.finish();
    say('commit');
    await session.commit({ refreshedAtMs: version, bootstrapComplete: true });
    say(String(version));
  }
}
