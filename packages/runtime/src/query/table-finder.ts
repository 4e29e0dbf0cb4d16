import type { PlaceTable, TableName } from '@millrace/duckdb';
import type { EngineTable } from './engine-table.ts';

/** A table of a catalog that is known by its name; its columns are asked for when a statement names it. */
export interface ListedTable {
  readonly schemaName: string;
  readonly table: string;
}

/** A catalog whose tables SQL names as `catalog.schema.table`. */
export interface EngineCatalog {
  /** Without a point. */
  readonly name: string;
  /** The tables as they were listed last. */
  readonly tables: readonly ListedTable[];
}

/** Finds tables when a statement first names them. */
export interface TableFinder {
  readonly catalogs: readonly EngineCatalog[];
  /**
   * The table of that name, the same object until it is another table; undefined for what the finder does not answer for, or has
   * registered itself.
   */
  find(name: TableName): Promise<EngineTable | undefined> | undefined;
  /** Finds what can be found out before tables are listed; failures are kept for whoever names the table. */
  prepareListing(): Promise<void>;
}

/** Where the catalog answers for `information_schema` when there are catalogs beside the datasets. */
export const INFORMATION: string = '__millrace_information';

const INFORMATION_TABLES: ReadonlySet<string> = new Set(['tables', 'columns', 'schemata']);

/** The schema that stands for a catalog's schema inside the engine, where a statement sees one catalog alone. */
export function toEngineSchema(catalog: string, schemaName: string): string {
  return `${catalog}.${schemaName}`;
}

/** The catalog and schema of a table inside the engine; undefined for a dataset. */
export function fromEngineSchema(
  { schemaName = 'main' }: TableName,
  catalogs: readonly EngineCatalog[],
): { readonly catalog: EngineCatalog; readonly schemaName: string } | undefined {
  const point = schemaName.indexOf('.');
  if (point < 0) return undefined;
  const name = schemaName.slice(0, point).toLowerCase();
  const catalog = catalogs.find((each) => each.name.toLowerCase() === name);
  return catalog && { catalog, schemaName: schemaName.slice(point + 1) };
}

/**
 * Where the tables stand that a statement writes with a catalog in front, `pg.public.orders`; `pg.orders` is the table of the
 * catalog's schema `main`. Undefined while there is no catalog.
 */
export function placeTablesOf(catalogs: readonly EngineCatalog[]): PlaceTable | undefined {
  if (catalogs.length === 0) return undefined;
  const names = new Set(catalogs.map(({ name }) => name.toLowerCase()));
  return ({ catalog, schemaName = 'main', table }) => {
    if (catalog !== undefined) {
      return names.has(catalog.toLowerCase()) ? toEngineSchema(catalog, schemaName) : undefined;
    }
    if (names.has(schemaName.toLowerCase())) return toEngineSchema(schemaName, 'main');
    const isInformation =
      schemaName.toLowerCase() === 'information_schema' && INFORMATION_TABLES.has(table.toLowerCase());
    return isInformation ? INFORMATION : undefined;
  };
}
