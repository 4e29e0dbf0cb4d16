export { CONTEXT, refresh, scanAll } from './accelerated-table.ts';
export { ARROW_SAMPLES, type ArrowSample } from './arrow-samples.ts';
export { changeBatch } from './change-batch.ts';
export { collectGarbage } from './collect-garbage.ts';
export { ConcurrentReaders } from './concurrent-readers.ts';
export { createGate, type Gate } from './create-gate.ts';
export { CANARY_FILE, CANARY_URL, HOSTILE_STATEMENTS, type HostileStatement } from './hostile-statements.ts';
export { literalsOf } from './literals-of.ts';
export {
  type Accelerated,
  type AcceleratorRequest,
  createAccelerator,
  openAccelerated,
  openTable,
} from './open-accelerated.ts';
export { OpenCopies } from './open-copies.ts';
export { completeVersion, describeRows, VERSION_SCHEMA, versionBatches } from './row-versions.ts';
export { testKeptTypes } from './test-kept-types.ts';
export { testReadme } from './test-readme.ts';
export { testRedefinition } from './test-redefinition.ts';
export { type FailingRefresh, testRefreshes } from './test-refreshes.ts';
export { TYPE_SAMPLES, type TypeSample } from './type-samples.ts';
export { versionBound } from './version-bound.ts';
export { missingFileLimit, withFileLimit } from './with-file-limit.ts';
export { withoutPrivileges } from './without-privileges.ts';
