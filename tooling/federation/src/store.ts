import type { TableRows } from './table-rows.ts';

/** A database that holds tables of a test, in the words of a configuration. */
export interface Store {
  /** Id of the connector that reads it. */
  readonly connector: 'sqlite' | 'duckdb' | 'postgres' | 'mysql';
  readonly params: Readonly<Record<string, string>>;
  /** The schema in which a catalog lists the tables. */
  readonly schemaName: string;
  close(): Promise<void>;
}

/** Makes a store that holds these tables. */
export type OpenStore = (tables: readonly TableRows[]) => Promise<Store>;
