export type {
  AcceleratedRefresh,
  AcceleratedTable,
  AccelerationLayout,
  AccelerationMode,
  AcceleratorContext,
  BootstrapStatus,
  Checkpoint,
  CreateTableCommand,
  DataAccelerator,
  DataAcceleratorFactory,
  OnConflict,
  PartitionDatePart,
  PartitionPeriod,
  PartitionTransform,
  RefreshRequest,
  RefreshSession,
} from './accelerator.ts';
export type {
  Catalog,
  ColumnPosition,
  StagedTable,
  TableChange,
  TableDefinition,
  TableListing,
} from './catalog.ts';
export type { ChangeLog, ChangeShape, Offset, ReadLimit } from './change-log.ts';
export { CHANGE_TYPE_COLUMN, type ChangeType, changeSchema } from './change-schema.ts';
export { checkPlan } from './check-plan.ts';
export type {
  AcceleratedTableRegistration,
  CatalogSource,
  DataConnector,
  DataConnectorFactory,
  DatasetSource,
  Logger,
  MetricsProvider,
  PluginContext,
  RefreshMode,
  RemoteEngine,
  UnsupportedTypeAction,
} from './connector.ts';
export {
  type DataType,
  DateUnit,
  type Field,
  FloatPrecision,
  IntervalUnit,
  type Schema,
  TimeUnit,
  TypeId,
  UnionMode,
} from './data-type.ts';
export { dataTypes, field } from './data-types.ts';
export { datasetComponent } from './dataset-component.ts';
export {
  type AcceleratorPlugin,
  API_VERSION,
  type ConnectorPlugin,
  defineAccelerator,
  defineConnector,
  PLUGIN_BRAND,
  type Plugin,
  type PluginMark,
} from './define.ts';
export {
  cancelledError,
  type ErrorCode,
  type ErrorDetails,
  isMillraceError,
  MillraceError,
  type SourceLocation,
} from './error.ts';
export {
  type AggregateCall,
  type AggregateFunction,
  type Expr,
  FUNCTION_VOCABULARY_VERSION,
  type IntervalValue,
  isVolatile,
  type LiteralValue,
  type ScalarFunction,
  type SortKey,
} from './expression.ts';
export type { Json } from './json.ts';
export type {
  MemoryBudget,
  MemoryHold,
  MemoryHoldRequest,
  MemoryRequest,
  MemoryShare,
  MemoryShareRequest,
  MemoryUse,
} from './memory-budget.ts';
export type { Mutation, MutationPlan } from './mutation.ts';
export type { NativeRelation } from './native-relation.ts';
export { nearestName } from './nearest-name.ts';
export type { ParameterSpec, Parameters, ParameterType, ParameterValue } from './parameter-spec.ts';
export { parseBytes, parseDuration } from './quantity.ts';
export type { ColumnData, RecordBatch, RecordBatchStream } from './record-batch.ts';
export type { JoinKind, Rel } from './rel.ts';
export {
  type GivenParameter,
  parameterKey,
  type ResolveParametersRequest,
  resolveParameters,
} from './resolve-parameters.ts';
export type {
  Applied,
  ColumnStatistics,
  Estimate,
  ExecutionPlan,
  Explanation,
  Partition,
  PushdownDegree,
  Sample,
  ScanContext,
  ScanRequest,
  Statistics,
  TableVersion,
} from './scan.ts';
export type { Constraint, PartitionAdmin, SourceId, TableProvider } from './table-provider.ts';
export type { TableReference } from './table-reference.ts';
export type { BatchWriter, WriteMode, WriteRequest, WriteResult, WriteSession } from './write.ts';
