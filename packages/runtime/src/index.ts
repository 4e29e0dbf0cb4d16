export { type SqlToken, tokenizeSql } from '@millrace/duckdb';
export type { AccelerationState, AccelerationStatus } from './acceleration/acceleration-status.ts';
export type { Clock } from './acceleration/clock.ts';
export type {
  RefreshEvent,
  RefreshEventBase,
  RefreshFailed,
  RefreshFinished,
  RefreshListener,
  RefreshProgress,
  RefreshProgressed,
  RefreshStarted,
  RefreshTrigger,
} from './acceleration/refresh-event.ts';
export type { RefreshOverrides, RefreshReport } from './acceleration/refresh-run.ts';
export {
  type AccelerationConfig,
  type AccelerationInput,
  type CachingInput,
  type CatalogConfig,
  type CatalogInput,
  type ColumnConfig,
  type ColumnInput,
  type ConfigJsonSchemaRequest,
  type ConfigName,
  type ConfigPlugin,
  type ConfigSource,
  type ConfigWarning,
  checkConfigSql,
  configJsonSchema,
  configProblems,
  type DatasetConfig,
  type DatasetFrom,
  type DatasetInput,
  type JsonSchema,
  type LoadConfigOptions,
  type Located,
  loadConfig,
  type ParamInput,
  type ParamsInput,
  type ReadyState,
  type ResolvedConfig,
  type ResultsCacheConfig,
  type ResultsCacheInput,
  type RetentionConfig,
  type RuntimeConfigInput,
  type RuntimeInput,
  type TimeFormat,
  type ViewConfig,
  type ViewInput,
} from './config/index.ts';
export { createRuntime, type RuntimeOptions } from './create-runtime.ts';
export type { ConnectorMetrics } from './datasets/connector-pool.ts';
export type { DatasetStatus } from './datasets/dataset.ts';
export type { DatasetChange, RemoveDatasetOptions } from './datasets/dataset-changes.ts';
export type { ReloadFailure, ReloadReport } from './datasets/reload-report.ts';
export type { CatalogStatus } from './datasets/source-catalog.ts';
export type { ComponentMemory, MemoryStatus } from './memory/memory-status.ts';
export {
  formatPrometheus,
  PROMETHEUS_CONTENT_TYPE,
  type PrometheusOptions,
} from './observability/format-prometheus.ts';
export type {
  HistogramSample,
  MetricDescription,
  MetricFamily,
  MetricLabels,
  MetricSample,
} from './observability/metric-family.ts';
export type { LastRefresh } from './observability/refresh-journal.ts';
export { formatExplanation, type QueryExplanation, type ScanExplanation } from './query/explain-query.ts';
export type { ExecutionOptions } from './query/query-request.ts';
export { type ArrowModule, type ArrowTable, QueryResult, type Row } from './query-result.ts';
export type { CacheExplanation, CacheStatus } from './results-cache/cache-status.ts';
export type { ResultsCacheStats } from './results-cache/results-cache.ts';
export { Runtime } from './runtime.ts';
export type { RuntimeStatus } from './runtime-status.ts';
export type { SqlOptions } from './sql-options.ts';
