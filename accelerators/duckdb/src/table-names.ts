import { type VersionNames, versionNames } from '@millrace/acceleration';
import type { CreateTableCommand } from '@millrace/core';
import { quoteTableName, type TableName } from '@millrace/duckdb';

/** The names of one dataset in a catalog. */
export interface TableNames extends VersionNames {
  readonly alias: string;
  readonly schemaName: string;
  /** The public name: a view over the current version. */
  readonly view: TableName;
  /** Under which the checkpoint table knows the dataset; names that differ by case are one to DuckDB. */
  readonly key: string;
  /** A table or view with its catalog, quoted. */
  quoted(table: string): string;
}

/** The names of a dataset: `orders` is a view over `__millrace_orders__v42`. */
export function tableNames(alias: string, { schemaName = 'main', table }: CreateTableCommand['name']): TableNames {
  return {
    ...versionNames(table, (name) => name.toLowerCase()),
    alias,
    schemaName,
    view: { schemaName, table },
    key: JSON.stringify([schemaName.toLowerCase(), table.toLowerCase()]),
    quoted: (name) => quoteTableName({ schemaName, table: name }, alias),
  };
}
