import type { CreateTableCommand } from '@millrace/core';
import { quoteTableName, type TableName } from '@millrace/duckdb';

/** The names of one dataset in a catalog. */
export interface TableNames {
  readonly alias: string;
  readonly schemaName: string;
  /** The public name: a view over the current version. */
  readonly view: TableName;
  /** Under which the checkpoint table knows the dataset; names that differ by case are one to DuckDB. */
  readonly key: string;
  /** The table that holds one version of the rows. */
  version(number: number): string;
  /** The number of a version by its table's name; undefined for any other table. */
  versionOf(table: string): number | undefined;
  /** A table or view with its catalog, quoted. */
  quoted(table: string): string;
}

/** Versions stand beside the public name: `orders` is a view over `__millrace_orders__v42`. */
export function tableNames(alias: string, { schemaName = 'main', table }: CreateTableCommand['name']): TableNames {
  const prefix = `__millrace_${table}__v`;
  return {
    alias,
    schemaName,
    view: { schemaName, table },
    key: JSON.stringify([schemaName.toLowerCase(), table.toLowerCase()]),
    version: (number) => `${prefix}${number}`,
    versionOf: (name) => {
      if (!name.toLowerCase().startsWith(prefix.toLowerCase())) return undefined;
      const digits = name.slice(prefix.length);
      return /^\d{1,15}$/.test(digits) ? Number(digits) : undefined;
    },
    quoted: (name) => quoteTableName({ schemaName, table: name }, alias),
  };
}
