export {
  ACCELERATOR_CHAPTERS,
  type AcceleratorChapter,
  type AcceleratorCheck,
} from './accelerator/accelerator-check.ts';
export { ACCELERATOR_CHECKS } from './accelerator/accelerator-checks.ts';
export type { Accelerated, AcceleratorContext, OpenAcceleratedRequest } from './accelerator/accelerator-context.ts';
export type {
  AcceleratorCapabilities,
  AcceleratorFaults,
  AcceleratorSubject,
} from './accelerator/accelerator-subject.ts';
export type { AcceleratorSuite } from './accelerator/accelerator-suite.ts';
export { type AcceleratorRun, runAcceleratorChecks } from './accelerator/run-accelerator-checks.ts';
export { type TestAcceleratorRequest, testAccelerator } from './accelerator/test-accelerator.ts';
export type { ConnectorCapabilities } from './capabilities.ts';
export { CHAPTERS, type Chapter, type Check } from './check.ts';
export type { CheckContext, OpenConnector, OpenTableOptions } from './check-context.ts';
export { CONNECTOR_CHECKS } from './connector-checks.ts';
export { createSqlSource, type SqlColumnType, type SqlSource, type SqlSourceOptions } from './create-sql-source.ts';
export type { TestHandle, TestRunner } from './define-tests.ts';
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
export { type TestConnectorRequest, testConnector } from './test-connector.ts';
