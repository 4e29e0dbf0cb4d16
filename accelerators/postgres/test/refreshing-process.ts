import type { CreateTableCommand, RecordBatch, RefreshRequest } from '@millrace/core';
import { changeBatch, VERSION_SCHEMA, versionBatches, versionBound } from '@millrace/test-fixtures';
import { accelerate, CONTEXT, reach } from './accelerate.ts';

/**
 * A process that refreshes a dataset until it is killed, in full, by append and by changes in turn, and says before each step what it is about to do. Arguments:
 * the database, the name of its connections, and the number of its first version. The version is told by `refreshedAtMs` and by every row,
 * and decides how many rows there are.
 */
const [connectionString = '', applicationName = '', first = '1'] = process.argv.slice(2);

export function rowCountOf(version: number): number {
  return 20_000 + version * 7;
}

/** What changes need, and an index. */
export const COMMAND: Partial<CreateTableCommand> = { primaryKey: ['i'], indexes: [{ columns: ['i'], unique: true }] };

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

if (connectionString !== '') {
  const given = { ...reach({ connectionString }), pg_application_name: applicationName };
  const { table } = await accelerate({
    given,
    schema: VERSION_SCHEMA,
    command: COMMAND,
  });
  for (let version = Number(first); ; version++) {
    say('begin');
    const mode = modeOf(version);
    await using session = await table.beginRefresh({ mode }, CONTEXT);
    await using writer = await session.writer();
    for (const batch of versionBatches(version, rowCountOf(version), 5_000)) {
      say('write');
      await writer.write(writtenBatch(mode, batch));
    }
    say('finish');
    await writer.finish();
    say('commit');
    await session.commit({ refreshedAtMs: version, bootstrapComplete: true });
    say(String(version));
  }
}

function modeOf(version: number): RefreshRequest['mode'] {
  if (version % 3 === 1) return versionBound(version);
  return { kind: version % 3 === 0 ? 'overwrite' : 'changes' };
}

function writtenBatch({ kind }: RefreshRequest['mode'], batch: RecordBatch): RecordBatch {
  return kind === 'changes' ? changeBatch(batch, 'update_postimage') : batch;
}
