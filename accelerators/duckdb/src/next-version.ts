import { createIndexes } from './indexes.ts';
import { resolveConflicts } from './key-conflicts.ts';
import type { LoadTarget, LoadTargetParts } from './load-target.ts';
import { rollBack } from './roll-back.ts';
import { columnDefinitions } from './stored-schema.ts';

/** Loads the rows into the next version of the table itself, for a refresh that replaces all of them and need not know their order. */
export function createNextVersion(parts: LoadTargetParts): LoadTarget {
  const { connection, command, names, schema, current, signal } = parts;
  const version = current + 1;
  const table = names.quoted(names.version(version));
  let isBegun = false;
  return {
    table,
    ordinal: undefined,
    async prepare() {
      if (isBegun) await rollBack(connection);
      isBegun = true;
      await connection.run('BEGIN TRANSACTION');
      await connection.run(`CREATE TABLE ${table} (${columnDefinitions(schema)})`);
    },
    async settle(loadedCount) {
      const removed = await resolveConflicts({ connection, command, schema, table, ordinal: undefined, signal });
      await createIndexes({ connection, names, version, command, signal });
      const rowCount = loadedCount - removed;
      return { version, rowCount, writtenCount: rowCount };
    },
  };
}
