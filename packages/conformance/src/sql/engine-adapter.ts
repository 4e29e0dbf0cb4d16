import type { RowValue } from '@millrace/arrow';
import type { ConnectorPlugin, RecordBatch, Schema } from '@millrace/core';

/** Runs SQL over a connector's tables. Injected, because this package imports no engine. */
export interface EngineAdapter {
  open(request: EngineRequest): Promise<EngineSession>;
}

/** Tables to run SQL over. */
export interface EngineRequest {
  readonly plugin: ConnectorPlugin;
  readonly baseDirectory: string;
  readonly tables: readonly EngineTable[];
}

/** One table, twice: where the connector finds it, and its rows for the reference. */
export interface EngineTable {
  /** The name in SQL. */
  readonly name: string;
  readonly path: string;
  /** By the names that users write. */
  readonly parameters: Readonly<Record<string, string>>;
  /** All rows, with the schema that the connector has to present. */
  readonly batch: RecordBatch;
}

/**
 * Who answers a query: the engine with everything pushed down that can be, the engine reading the tables whole, or a reference that
 * never meets the connector and holds the rows itself.
 */
export type AnswerMode = 'pushed' | 'unpushed' | 'reference';

/** An engine with tables. */
export interface EngineSession extends AsyncDisposable {
  /** @throws whatever the engine throws; that all three modes fail alike counts as equal. */
  query(sql: string, mode: AnswerMode): Promise<EngineAnswer>;
  /** What the sources are asked for, as text. */
  explain(sql: string): Promise<string>;
}

/** The result of a query. */
export interface EngineAnswer {
  readonly schema: Schema;
  readonly rows: readonly (readonly RowValue[])[];
}
