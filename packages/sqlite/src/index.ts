export { type Attempt, classifySqliteError } from './classify-error.ts';
export { IdleLimit } from './client/idle-limit.ts';
export { SqliteFailure } from './client/sqlite-failure.ts';
export type { WorkerClient } from './client/worker-client.ts';
export { type Lease, type PoolOptions, WorkerPool } from './client/worker-pool.ts';
export { type InsertRequest, WriterClient } from './client/writer-client.ts';
export { WriterThreads } from './client/writer-threads.ts';
export {
  createDialect,
  createProfile,
  quoteIdentifier,
  type SqliteColumns,
  type SqliteValueForms,
} from './dialect.ts';
export { type RowsRequest, readRows } from './read-rows.ts';
export { ScanMetrics } from './scan-metrics.ts';
export { NAN_TEXT, WIDE_DIGITS } from './worker/input-reader.ts';
export { formatDate } from './worker/parse-time.ts';
export type {
  ColumnCodec,
  ConflictAction,
  DefinitionCheck,
  Query,
  ScanColumn,
  ScanOrder,
  SqliteValue,
} from './worker/protocol.ts';
export { CONTINUE_FUNCTION } from './worker/stop-signal.ts';
export type { InputColumn, InputValues, IntegerArray, StatementResult } from './worker/writer-protocol.ts';
