import { drain, openBenchRuntime } from '../data/bench-runtime.ts';

/** Opens a runtime over a Parquet file, streams it or does nothing, and prints what the process took at its peak. */
const [path, activity] = process.argv.slice(2);
const runtime = await openBenchRuntime([{ from: `file:${path}`, name: 'lineitem' }]);
try {
  await drain(runtime, 'SELECT count(*) FROM lineitem');
  const rowCount = activity === 'stream' ? await drain(runtime, 'SELECT * FROM lineitem') : 0;
  // Kilobytes on every platform.
  const peakBytes = process.resourceUsage().maxRSS * 1024;
  process.stdout.write(JSON.stringify({ rowCount, peakBytes }));
} finally {
  await runtime.close();
}
