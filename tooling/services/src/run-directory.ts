import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Names the directory that all test files of one run share: locks, descriptions, data and logs of the shared servers. */
export const RUN_DIRECTORY_VARIABLE = 'MILLRACE_TEST_RUN_DIRECTORY';

/** The run's directory, made by the test runner's global set-up; undefined outside of a run. */
export function runDirectory(): string | undefined {
  return process.env[RUN_DIRECTORY_VARIABLE];
}

/** Makes a directory that a server's own user can enter as well. */
export function createRunDirectory(): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'millrace-run-'));
  chmodSync(directory, 0o755);
  return directory;
}
