import { readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { ServiceDescription } from './shared-service.ts';
import { stopProcess } from './stop-process.ts';

const GRACE_MS = 10_000;

/** Stops every shared server of a run, by process id, and removes the run's directory. */
export async function stopServices(directory: string): Promise<void> {
  const descriptions = readdirSync(directory)
    .filter((file) => file.endsWith('.service.json'))
    .map((file) => JSON.parse(readFileSync(path.join(directory, file), 'utf8')) as ServiceDescription);
  await Promise.all(
    descriptions.map(({ pid, stopSignal }) => stopProcess(pid, { signal: stopSignal, graceMs: GRACE_MS })),
  );
  rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
}
