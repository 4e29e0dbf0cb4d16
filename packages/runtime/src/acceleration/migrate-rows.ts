import { typesEqual } from '@millrace/arrow';
import { type AcceleratedTable, type CreateTableCommand, isMillraceError, MillraceError } from '@millrace/core';
import { quoteIdentifier, quoteTableName, type TableName, toDuckDbType } from '@millrace/duckdb';
import type { QueryEngine } from '../query/query-engine.ts';
import { QueriedRows } from './queried-rows.ts';

/** Rows that stay while their columns change. */
export interface RowMigration {
  readonly dataset: string;
  readonly name: TableName;
  readonly table: AcceleratedTable;
  readonly engine: QueryEngine;
  /** What the table becomes; a column that is new may be null. */
  readonly command: CreateTableCommand;
  /** Makes the commit known to readers. */
  readonly publish: (commit: () => Promise<unknown>) => Promise<void>;
}

/**
 * Gives the rows of a table other columns: new ones are null, those of another type are converted, and those that are gone are left out.
 * Watermark and time of the last refresh stay.
 *
 * @throws MillraceError `schema_mismatch` for a value that the new type cannot hold; the rows are as they were then.
 */
export async function migrateRows(migration: RowMigration, signal: AbortSignal): Promise<void> {
  const { name, table, engine, command, publish } = migration;
  const { checkpoint, schema } = table;
  if (!checkpoint) return;
  await using rows = new QueriedRows({
    table: { name, schema, provider: () => table },
    engine,
    sql: `SELECT ${toColumns(migration)} FROM ${quoteTableName(name)}`,
  });
  await using session = await table.beginRefresh({ mode: { kind: 'overwrite' }, redefine: command }, { signal });
  await using writer = await session.writer();
  try {
    for await (const batch of rows.read({}, command.schema, signal)) await writer.write(batch);
  } catch (error) {
    const isValue = isMillraceError(error) && (error.code === 'sql_error' || error.code === 'invalid_data');
    throw isValue ? cannotConvert(migration, error) : error;
  }
  await writer.finish();
  const { refreshedAtMs, bootstrapComplete, watermark, offset } = checkpoint;
  await publish(() =>
    session.commit({
      refreshedAtMs,
      bootstrapComplete,
      ...(watermark === undefined ? {} : { watermark }),
      ...(offset === undefined ? {} : { offset }),
    }),
  );
}

function toColumns({ table, command }: RowMigration): string {
  return command.schema.fields
    .map((field) => {
      const held = table.schema.fields.find((each) => each.name === field.name);
      const column = quoteIdentifier(field.name);
      if (held && typesEqual(held.type, field.type)) return column;
      return `CAST(${held ? column : 'NULL'} AS ${toDuckDbType(field)}) AS ${column}`;
    })
    .join(', ');
}

function cannotConvert({ dataset, table, command }: RowMigration, cause: unknown): MillraceError {
  const converted = command.schema.fields.filter((field) => {
    const held = table.schema.fields.find((each) => each.name === field.name);
    return held !== undefined && !typesEqual(held.type, field.type);
  });
  const columns = converted.map(({ name }) => name).join(', ');
  return new MillraceError({
    code: 'schema_mismatch',
    component: `dataset ${dataset}`,
    message:
      columns === ''
        ? 'the rows of the copy could not be given the new columns'
        : `the rows of the copy could not be given the new types of the columns ${columns}`,
    hint: 'The old rows are served and not refreshed. Set `on_schema_change: drop_and_recreate` to load everything anew, and restart the runtime.',
    cause,
  });
}
