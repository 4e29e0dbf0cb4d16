/** The process that shared servers belong to: the test runner, or this process outside of a run. */
export function ownerPid(): number {
  const runner = Number(process.env.MILLRACE_TEST_RUN_PID);
  return Number.isInteger(runner) && runner > 0 ? runner : process.pid;
}
