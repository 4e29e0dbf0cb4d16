import { MillraceError, type Schema } from '@millrace/core';
import { type DuckDbDatabase, quoteIdentifier } from '@millrace/duckdb';
import type { DatasetConfig } from '../config/index.ts';

/**
 * The schema that the `columns` of a dataset or view declare, or undefined where inference decides.
 * @throws MillraceError `invalid_config` when a type is unknown.
 */
export async function declaredSchema(
  dataset: Pick<DatasetConfig, 'name' | 'columns' | 'location'>,
  database: DuckDbDatabase,
): Promise<Schema | undefined> {
  const { columns } = dataset;
  if (!columns) return undefined;
  const select = columns.map(({ name, type }) => `CAST(NULL AS ${type}) AS ${quoteIdentifier(name)}`).join(', ');
  try {
    const { fields } = await database.withConnection((connection) => connection.describe(`SELECT ${select}`));
    return { fields: fields.map((field, index) => ({ ...field, nullable: columns[index]!.nullable })) };
  } catch (error) {
    const location = dataset.location('columns');
    throw new MillraceError({
      code: 'invalid_config',
      component: `dataset ${dataset.name.text}`,
      message: `a declared column type is not known: ${error instanceof Error ? error.message : String(error)}`,
      hint: 'Types are those of DuckDB, for example BIGINT, VARCHAR, DECIMAL(10,2), TIMESTAMP.',
      cause: error,
      ...(location ? { location } : {}),
    });
  }
}
