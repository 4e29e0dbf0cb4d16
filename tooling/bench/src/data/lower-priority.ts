import { readdirSync } from 'node:fs';
import { constants, setPriority } from 'node:os';

/** Lets a process, with what it starts from now on, yield to others; on Linux priorities are those of threads. */
export function lowerPriority(pid: number): void {
  const threads = process.platform === 'linux' ? readdirSync(`/proc/${pid}/task`).map(Number) : [pid];
  for (const thread of threads) setPriority(thread, constants.priority.PRIORITY_LOW);
}
