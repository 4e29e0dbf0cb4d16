import {
  type CreateTableCommand,
  datasetComponent,
  type Field,
  MillraceError,
  type PartitionTransform,
  TypeId,
} from '@millrace/core';
import { quoteIdentifier } from '@millrace/duckdb';

/**
 * The keys by which the rows of a table are ordered when they are loaded, in SQL. DuckDB knows the least and the greatest value of each column in
 * each row group, and leaves out the groups that a filter rules out: rows that are kept together are skipped together.
 *
 * A bucket, too, is kept in the order of its column: a filter on the column then needs one row group, where a hash would leave one bucket. Rows of
 * one part of a date follow one another in the order of the column, so that the groups of a part lie in different years.
 *
 * @throws MillraceError `invalid_config` for a column that is not there, or has no order that the transform keeps.
 */
export function clusterOrder(command: CreateTableCommand, sortColumns: readonly string[]): readonly string[] {
  const partitions = (command.partitionBy ?? []).map((transform) => toKey(command, transform));
  const sorted = sortColumns.map((name) => quoteIdentifier(findColumn(command, name, 'on_refresh_sort_columns').name));
  // What a partition holds is in the order of its columns where no other one is asked for.
  const rest = sorted.length > 0 ? sorted : (command.partitionBy ?? []).map(({ column }) => quoteIdentifier(column));
  return [...new Set([...partitions, ...rest])];
}

function toKey(command: CreateTableCommand, transform: PartitionTransform): string {
  const field = findColumn(command, transform.column, 'partition_by');
  const column = quoteIdentifier(field.name);
  switch (transform.kind) {
    case 'identity':
    case 'bucket':
      return column;
    case 'truncate':
      if (isText(field)) return `left(${column}, ${transform.width})`;
      if (isNumber(field)) return `floor(${column} / ${transform.width})`;
      throw unfit(command, field, 'truncate', 'a number or a text');
    case 'date_trunc':
      if (field.type.typeId === TypeId.Date || field.type.typeId === TypeId.Timestamp)
        return tried(`date_trunc('${transform.unit}', ${column})`);
      throw unfit(command, field, 'date_trunc', 'a date or a timestamp');
    case 'date_part':
      if (field.type.typeId === TypeId.Date || field.type.typeId === TypeId.Timestamp)
        return tried(`date_part('${transform.part}', ${column})`);
      throw unfit(command, field, 'date_part', 'a date or a timestamp');
  }
}

/** Times near the ends of DuckDB's range have no period or part that it can tell; where a row stands is nothing that a load may fail for. */
function tried(key: string): string {
  return `TRY(${key})`;
}

function isText({ type }: Field): boolean {
  return type.typeId === TypeId.Utf8 || type.typeId === TypeId.LargeUtf8;
}

function isNumber({ type }: Field): boolean {
  return type.typeId === TypeId.Int || type.typeId === TypeId.Float || type.typeId === TypeId.Decimal;
}

function findColumn(command: CreateTableCommand, name: string, by: string): Field {
  const { fields } = command.schema;
  const found = fields.find((field) => field.name.toLowerCase() === name.toLowerCase());
  if (found) return found;
  throw new MillraceError({
    code: 'invalid_config',
    component: datasetComponent(command),
    connector: 'duckdb',
    message: `\`${by}\` names the column ${name}, which is not among those that are kept`,
    hint: `The columns are ${fields.map((field) => field.name).join(', ')}`,
  });
}

function unfit(command: CreateTableCommand, { name }: Field, transform: string, kinds: string): MillraceError {
  return new MillraceError({
    code: 'invalid_config',
    component: datasetComponent(command),
    connector: 'duckdb',
    message: `\`partition_by\` cannot ${transform} the column ${name}`,
    hint: `Name ${kinds}, or the column alone`,
  });
}
