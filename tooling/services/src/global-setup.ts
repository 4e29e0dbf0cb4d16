import { createRunDirectory, RUN_DIRECTORY_VARIABLE } from './run-directory.ts';
import { stopServices } from './stop-services.ts';

/** The test runner's global set-up: names the run's directory before any test file starts, and stops after the last what was started. */
export default function setup(): () => Promise<void> {
  const directory = createRunDirectory();
  process.env[RUN_DIRECTORY_VARIABLE] = directory;
  process.env.MILLRACE_TEST_RUN_PID = String(process.pid);
  return () => stopServices(directory);
}
