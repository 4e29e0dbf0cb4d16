import { rm } from 'node:fs/promises';
import type { CreateTableCommand } from '@millrace/core';
import { journalPath } from './block-journal.ts';
import type { Catalog } from './catalog.ts';
import { deleteCheckpoint } from './checkpoint-table.ts';
import { forgetFile } from './file-descriptors.ts';
import { dropVersions, findRelations } from './open-table.ts';
import { tableNames } from './table-names.ts';

/** Removes a dataset from a catalog, in one transaction. Says whether nothing else is in there. */
export async function dropTable(catalog: Catalog, name: CreateTableCommand['name']): Promise<'empty' | 'holds_others'> {
  const names = tableNames(catalog.alias, name);
  const tableCount = await catalog.transaction(async (connection) => {
    const { versions } = await findRelations(connection, names);
    await connection.run(`DROP VIEW IF EXISTS ${names.quoted(names.view.table)}`);
    await dropVersions(connection, names, versions);
    await deleteCheckpoint(connection, names);
    const [row] = await connection.rows('SELECT count(*) FROM duckdb_tables() WHERE database_name = $1', [names.alias]);
    return Number(row?.[0]);
  });
  // The table of checkpoints is one.
  return tableCount === 1 ? 'empty' : 'holds_others';
}

/** Removes a database that nobody has open. */
export async function removeFile(file: string): Promise<void> {
  await Promise.all([file, `${file}.wal`, journalPath(file)].map((path) => rm(path, { force: true })));
  await forgetFile(file);
}
