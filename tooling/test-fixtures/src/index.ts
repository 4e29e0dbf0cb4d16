export { CONTEXT, refresh, scanAll } from './accelerated-table.ts';
export { collectGarbage } from './collect-garbage.ts';
export { ConcurrentReaders } from './concurrent-readers.ts';
export { CANARY_FILE, CANARY_URL, HOSTILE_STATEMENTS, type HostileStatement } from './hostile-statements.ts';
export { completeVersion, describeRows, VERSION_SCHEMA, versionBatches } from './row-versions.ts';
export { testRedefinition } from './test-redefinition.ts';
export { TYPE_SAMPLES, type TypeSample } from './type-samples.ts';
export { missingFileLimit, withFileLimit } from './with-file-limit.ts';
export { withoutPrivileges } from './without-privileges.ts';
