import { type VersionNames, versionNames } from '@millrace/acceleration';
import type { CreateTableCommand } from '@millrace/core';
import { quoteIdentifier } from '@millrace/sqlite';

/** The names of one dataset in a database. */
export interface TableNames extends VersionNames {
  /** The public name, a view over the current version: `orders`, or `sales.orders` with a schema. */
  readonly view: string;
  /** Under which the checkpoint table knows the dataset; names that differ by case are one to SQLite. */
  readonly key: string;
}

/** The names of a dataset: `orders` is a view over `__millrace_orders__v42`. */
export function tableNames({ schemaName, table }: CreateTableCommand['name']): TableNames {
  const view = schemaName === undefined ? toPart(table) : `${toPart(schemaName)}.${toPart(table)}`;
  return {
    ...versionNames(view, lowerCase),
    view,
    key: JSON.stringify([lowerCase(schemaName ?? ''), lowerCase(table)]),
  };
}

/** A part of a name. One that holds a point is quoted, as `"a.b"` and `a.b` are two datasets. */
function toPart(part: string): string {
  return /[."]/.test(part) ? quoteIdentifier(part) : part;
}

/** A table or view of the database, quoted. */
export function quoted(name: string): string {
  return `"main".${quoteIdentifier(name)}`;
}

/** As SQLite folds names: letters of ASCII alone. */
export function lowerCase(name: string): string {
  return name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
