import type { QueryParameters } from '@millrace/duckdb';
import type { QueryWatch } from '../observability/query-watch.ts';
import type { QueryScope } from './query-scope.ts';

/** How a query may use its sources. Both are `on` unless told otherwise; results are the same whatever they are. */
export interface ExecutionOptions {
  /** `off` reads every table whole through its provider: the oracle of every pushdown. Implies `native: 'off'`. */
  readonly pushdown?: 'on' | 'off';
  /** `off` reads every table through its provider's record batches, never in place. */
  readonly native?: 'on' | 'off';
}

/** One statement to run. */
export interface QueryRequest extends ExecutionOptions {
  readonly sql: string;
  readonly parameters?: QueryParameters;
  readonly signal?: AbortSignal;
  /** Rows that a batch of the result should hold; a hint. */
  readonly batchRowCount?: number;
  /** What the statement may name, instead of everything registered: see `createScope` of the engine. */
  readonly scope?: QueryScope;
  /** Is told how the query goes; for those of the host. */
  readonly watch?: QueryWatch;
}
