import { rm } from 'node:fs/promises';
import type { CreateTableCommand } from '@millrace/core';
import { journalPath } from './block-journal.ts';
import type { Catalog } from './catalog.ts';
import { deleteCheckpoint } from './checkpoint-table.ts';
import { removeUnheld } from './file-descriptors.ts';
import { dropVersions, findRelations } from './open-table.ts';
import { tableNames } from './table-names.ts';

/** Removes a dataset from a catalog, in one transaction. */
export async function dropTable(catalog: Catalog, name: CreateTableCommand['name']): Promise<void> {
  const names = tableNames(catalog.alias, name);
  await catalog.transaction(async (connection) => {
    const { versions } = await findRelations(connection, names);
    await connection.run(`DROP VIEW IF EXISTS ${names.quoted(names.view.table)}`);
    await dropVersions(connection, names, versions);
    await deleteCheckpoint(connection, names);
  });
}

/** Whether a catalog holds no dataset, and nothing of anybody else; false where that cannot be told. */
export async function isEmptyCatalog({ database, alias }: Catalog): Promise<boolean> {
  const sql = `SELECT count(*) FROM (SELECT table_name FROM duckdb_tables() WHERE database_name = $1
    UNION ALL SELECT view_name FROM duckdb_views() WHERE database_name = $1 AND NOT internal)`;
  const counted = database.withConnection((connection) => connection.rows(sql, [alias]));
  const [row] = await counted.catch(() => []);
  // The table of checkpoints is one.
  return Number(row?.[0]) === 1;
}

/** Removes a database, unless somebody has it open or is about to. */
export function removeFile(file: string): Promise<void> {
  return removeUnheld(file, async () => {
    await Promise.all([file, `${file}.wal`, journalPath(file)].map((path) => rm(path, { force: true })));
  });
}
