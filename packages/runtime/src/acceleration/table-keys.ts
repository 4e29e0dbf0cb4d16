import { type CreateTableCommand, MillraceError, nearestName, type Schema } from '@millrace/core';
import type { AccelerationConfig, DatasetConfig } from '../config/index.ts';

/**
 * Looks the columns of the primary key, the indexes and the partitions up among those that are kept.
 * @throws MillraceError `invalid_config` for a column that is not there.
 */
export function toTableKeys(
  dataset: DatasetConfig,
  config: AccelerationConfig,
  schema: Schema,
): Pick<CreateTableCommand, 'primaryKey' | 'indexes' | 'onConflict' | 'partitionBy'> {
  const { primaryKey, indexes, onConflict, partitionBy } = config;
  const find = (field: string, columns: readonly string[]) =>
    columns.map((name) => findColumn(dataset, { field, name, schema }));
  return {
    ...(primaryKey ? { primaryKey: find('acceleration.primary_key', primaryKey) } : {}),
    ...(indexes
      ? { indexes: indexes.map(({ columns, unique }) => ({ columns: find('acceleration.indexes', columns), unique })) }
      : {}),
    ...(onConflict === undefined ? {} : { onConflict }),
    ...(partitionBy
      ? {
          partitionBy: partitionBy.map((transform) => ({
            ...transform,
            column: findColumn(dataset, { field: 'acceleration.partition_by', name: transform.column, schema }),
          })),
        }
      : {}),
  };
}

interface WantedColumn {
  readonly field: string;
  readonly name: string;
  readonly schema: Schema;
}

function findColumn(dataset: DatasetConfig, { field, name, schema }: WantedColumn): string {
  const names = schema.fields.map((each) => each.name);
  const found = names.find((each) => each === name) ?? names.find((each) => each.toLowerCase() === name.toLowerCase());
  if (found !== undefined) return found;
  const nearest = nearestName(name, names);
  const location = dataset.location(field);
  throw new MillraceError({
    code: 'invalid_config',
    component: `dataset ${dataset.name.text}`,
    message: `\`${field}\` names the column ${name}, which is not among those that are kept`,
    hint: nearest === undefined ? `The columns are ${names.join(', ')}` : `Did you mean ${nearest}?`,
    ...(location ? { location } : {}),
  });
}
