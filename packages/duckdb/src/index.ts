export { classifyDuckDbError } from './database/classify-error.ts';
export type {
  AttachRequest,
  BoundValue,
  DatabaseMemory,
  DuckDbConnection,
  DuckDbDatabase,
  FileAccess,
  JoinFilters,
  OpenDatabaseOptions,
  QueryParameters,
  QueryStream,
  StatementOptions,
  StreamOutcome,
  StreamRequest,
} from './database/duckdb-database.ts';
export { openDatabase } from './database/open-database.ts';
export { isDuckDbDatabase } from './database/own-databases.ts';
export {
  canRaise,
  type FieldOfPath,
  INFIX_OPERATORS,
  toConjunctionSql,
  toExpressionSql,
  toSortKeySql,
} from './expression/index.ts';
export { registerBatchFunction } from './loading/batch-function.ts';
export { type BatchRelation, registerBatches } from './loading/batch-relation.ts';
export { type LoadRequest, loadBatches } from './loading/load-batches.ts';
export { findScanFailure } from './loading/scan-failure.ts';
export {
  createPlanner,
  type OutputColumn,
  type PlannedQuery,
  type PlannedScan,
  type PlannedSelect,
  type Planner,
  type PlannerOptions,
  planSimpleSelect,
  type SimpleSelectRequest,
  type TableName,
} from './plan/index.ts';
export {
  createStatementInspector,
  fieldLiteral,
  mayLimitRows,
  type ParameterUse,
  type PlaceTable,
  quoteIdentifier,
  quoteTableName,
  type RowLimits,
  type SimpleSelect,
  type SqlToken,
  type StatementInfo,
  type StatementInspector,
  substituteParameters,
  tokenizeSql,
  toSqlLiteral,
  type WrittenTable,
} from './statement/index.ts';
export { EXTENSION, extensionDetail, extensionMetadata, extensionName } from './type-mapping/extension.ts';
export { fromDuckDbType } from './type-mapping/from-duckdb-type.ts';
export { sqlTypeText, toDuckDbType } from './type-mapping/to-duckdb-type.ts';
export { toLogicalType } from './type-mapping/to-logical-type.ts';
