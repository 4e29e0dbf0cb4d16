export { classifyDuckDbError } from './database/classify-error.ts';
export type {
  AttachRequest,
  BoundValue,
  DuckDbConnection,
  DuckDbDatabase,
  FileAccess,
  OpenDatabaseOptions,
  QueryParameters,
  QueryStream,
  StatementOptions,
  StreamOutcome,
  StreamRequest,
} from './database/duckdb-database.ts';
export { openDatabase } from './database/open-database.ts';
export { registerBatchFunction } from './loading/batch-function.ts';
export { type BatchRelation, registerBatches } from './loading/batch-relation.ts';
export { type LoadRequest, loadBatches } from './loading/load-batches.ts';
export { findScanFailure } from './loading/scan-failure.ts';
export type { PlannedQuery, PlannedScan, Planner, TableName } from './plan/planned-query.ts';
export { createPlanner, type PlannerOptions } from './plan/planner.ts';
export {
  createStatementInspector,
  fieldLiteral,
  type ParameterUse,
  quoteIdentifier,
  quoteTableName,
  type StatementInfo,
  type StatementInspector,
  substituteParameters,
  toSqlLiteral,
} from './statement/index.ts';
export type { ParameterUse } from './statement/parameter-use.ts';
export { quoteIdentifier, quoteTableName } from './statement/quote-identifier.ts';
export { fieldLiteral, toSqlLiteral } from './statement/sql-literal.ts';
export type { StatementInfo, StatementText } from './statement/statement-info.ts';
export { createStatementInspector, type StatementInspector } from './statement/statement-inspector.ts';
export { substituteParameters } from './statement/substitute-parameters.ts';
export { EXTENSION, extensionDetail, extensionMetadata, extensionName } from './type-mapping/extension.ts';
export { fromDuckDbType } from './type-mapping/from-duckdb-type.ts';
export { sqlTypeText, toDuckDbType } from './type-mapping/to-duckdb-type.ts';
export { toLogicalType } from './type-mapping/to-logical-type.ts';
