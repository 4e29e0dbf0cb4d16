import type { CreateTableCommand } from '@millrace/core';
import { quoteIdentifier } from '@millrace/sqlite';

/** The names of one dataset in a database. */
export interface TableNames {
  /** The public name, a view over the current version: `orders`, or `sales.orders` with a schema. */
  readonly view: string;
  /** Under which the checkpoint table knows the dataset; names that differ by case are one to SQLite. */
  readonly key: string;
  /** The table that holds one version of the rows. */
  version(number: number): string;
  /** The number of a version by its table's name; undefined for any other table. */
  versionOf(table: string): number | undefined;
}

/** Versions stand beside the public name: `orders` is a view over `__millrace_orders__v42`. */
export function tableNames({ schemaName, table }: CreateTableCommand['name']): TableNames {
  const view = schemaName === undefined ? table : `${schemaName}.${table}`;
  const prefix = `__millrace_${view}__v`;
  return {
    view,
    key: JSON.stringify([lowerCase(schemaName ?? ''), lowerCase(table)]),
    version: (number) => `${prefix}${number}`,
    versionOf: (name) => {
      if (!lowerCase(name).startsWith(lowerCase(prefix))) return undefined;
      const digits = name.slice(prefix.length);
      return /^\d{1,15}$/.test(digits) ? Number(digits) : undefined;
    },
  };
}

/** A table or view of the database, quoted. */
export function quoted(name: string): string {
  return `"main".${quoteIdentifier(name)}`;
}

/** As SQLite folds names: letters of ASCII alone. */
export function lowerCase(name: string): string {
  return name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
