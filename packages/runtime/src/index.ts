export type {
  AccelerationState,
  AccelerationStatus,
  RefreshProgress,
  RefreshReport,
} from './acceleration/acceleration.ts';
export * from './config/index.ts';
export { createRuntime, type RuntimeOptions } from './create-runtime.ts';
export type { DatasetStatus } from './datasets/dataset.ts';
export { formatExplanation, type QueryExplanation, type ScanExplanation } from './query/explain-query.ts';
export type { ExecutionOptions } from './query/query-engine.ts';
export { type ArrowModule, type ArrowTable, QueryResult, type Row } from './query-result.ts';
export { Runtime, type SqlOptions } from './runtime.ts';
