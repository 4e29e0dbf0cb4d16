export type { ConnectorCapabilities } from './capabilities.ts';
export { CHAPTERS, type Chapter, type Check } from './check.ts';
export type { CheckContext, OpenConnector, OpenTableOptions } from './check-context.ts';
export { CONNECTOR_CHECKS } from './connector-checks.ts';
export { createSqlSource, type SqlColumnType, type SqlSource, type SqlSourceOptions } from './create-sql-source.ts';
export { ConformanceFailure, type FailureDetails } from './failure.ts';
export type { Fixture, TableSpec } from './fixture.ts';
export type { CheckOutcome } from './run-check.ts';
export { type ConformanceReport, runConnectorChecks } from './run-checks.ts';
export type {
  AnswerMode,
  EngineAdapter,
  EngineAnswer,
  EngineRequest,
  EngineSession,
  EngineTable,
} from './sql/engine-adapter.ts';
export type {
  ConnectorSubject,
  NativeCase,
  NativeTable,
  SourceAdmin,
  SourceFaults,
  SourceRefusal,
  SourceTable,
  TableLocation,
} from './subject.ts';
export type { ConnectorSuite } from './suite.ts';
export { type TestConnectorRequest, type TestHandle, type TestRunner, testConnector } from './test-connector.ts';
