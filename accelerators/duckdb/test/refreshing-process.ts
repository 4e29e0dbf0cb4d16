import type { CreateTableCommand, RefreshSession } from '@millrace/core';
import { changeBatch, VERSION_SCHEMA, versionBatches } from '@millrace/test-fixtures';
import { accelerate, CONTEXT, refresh } from './accelerate.ts';
import { windowBatches, windowOf } from './append-versions.ts';

/**
 * A process that refreshes a dataset in a file until it is killed. Arguments: the folder, the number of its first version, and the
 * {@link RefreshKind}. The version is told by `refreshedAtMs` and by every row, and decides how many rows there are.
 */
const [folder = '', first = '1', kind = 'full'] = process.argv.slice(2) as [string?, string?, RefreshKind?];

export function rowCountOf(version: number): number {
  return 20_000 + version * 7;
}

/** In full, by appends in place and changes of the same rows in turn, or by both to a table with indexes. */
export type RefreshKind = 'full' | 'append' | 'indexed append';

/** What the dataset of a kind has. */
export function constraintsOf(kind: RefreshKind): Partial<CreateTableCommand> {
  const indexes = kind === 'indexed append' ? [{ columns: ['i'], unique: true }] : [];
  return { refreshMode: kind === 'full' ? 'full' : 'append', primaryKey: ['i'], indexes };
}

if (folder !== '') {
  const command = constraintsOf(kind);
  const { table } = await accelerate({ folder, schema: VERSION_SCHEMA, mode: 'file', command });
  process.stdout.write('ready\n');
  for (let version = Number(first); ; version++) {
    if (kind !== 'full') await (version % 2 === 0 ? change(version) : append(version));
    else await refresh(table, versionBatches(version, rowCountOf(version), 10_000), version);
    process.stdout.write(`${version}\n`);
  }
  async function append(version: number): Promise<void> {
    await using session = await table.beginRefresh(
      { mode: { kind: 'overwrite_where', filters: windowOf(version) } },
      CONTEXT,
    );
    await using writer = await session.writer();
    for (const batch of windowBatches(version)) await writer.write(batch);
    await writer.finish();
    await session.commit(checkpointOf(version));
  }
  /** Ends in the same rows as an append: those of the window go, and come again. */
  async function change(version: number): Promise<void> {
    await using session = await table.beginRefresh({ mode: { kind: 'changes' } }, CONTEXT);
    await using writer = await session.writer();
    for (const kind of ['delete', 'insert'] as const)
      for (const batch of windowBatches(version)) await writer.write(changeBatch(batch, kind));
    await writer.finish();
    await session.commit(checkpointOf(version));
  }
}

function checkpointOf(version: number): Parameters<RefreshSession['commit']>[0] {
  return { refreshedAtMs: version, bootstrapComplete: true, watermark: String(version), offset: { version } };
}
