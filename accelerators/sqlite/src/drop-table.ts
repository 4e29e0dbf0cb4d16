import { rm } from 'node:fs/promises';
import { type CreateTableCommand, datasetComponent, type ScanContext } from '@millrace/core';
import { CHECKPOINT_TABLE, deleteCheckpoint } from './checkpoint-table.ts';
import { dropVersion, findRelations } from './open-table.ts';
import type { SqliteFile } from './sqlite-file.ts';
import { quoted, tableNames } from './table-names.ts';

const OTHERS = `SELECT count(*) FROM "main".sqlite_schema WHERE type = 'table' AND name <> '${CHECKPOINT_TABLE}'`;

/** Removes a dataset from a database, in one transaction. Says whether nothing else is in there. */
export async function dropTable(
  file: SqliteFile,
  command: CreateTableCommand,
  { signal }: ScanContext,
): Promise<'empty' | 'holds_others'> {
  const names = tableNames(command.name);
  return file.transaction(datasetComponent(command), signal, async (client) => {
    const { versions } = await findRelations(client, names);
    await client.run([
      `DROP VIEW IF EXISTS ${quoted(names.view)}`,
      ...versions.map((version) => dropVersion(names, version)),
      deleteCheckpoint(names.key),
    ]);
    const [others] = await client.run([OTHERS]);
    return others?.rows[0]?.[0] === 0n ? 'empty' : 'holds_others';
  });
}

/** Removes a database that nobody has open. */
export async function removeFile(path: string): Promise<void> {
  const paths = [path, `${path}-wal`, `${path}-shm`, `${path}.lock`];
  await Promise.all(paths.map((each) => rm(each, { force: true })));
}
