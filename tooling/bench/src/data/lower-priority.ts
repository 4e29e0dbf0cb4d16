import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';

const LOW = constants.priority.PRIORITY_LOW;

/**
 * Lets a server with its processes yield to others. On Linux priorities are those of threads, and where the kernel groups processes by
 * session (`sched_autogroup_enabled`) that of the group counts; each process of a PostgreSQL server is a session of its own.
 */
export function lowerPriority(pid: number): void {
  if (process.platform !== 'linux') {
    setPriority(pid, LOW);
    return;
  }
  for (const each of [pid, ...childrenOf(pid)]) {
    for (const thread of readdirSync(`/proc/${each}/task`)) setPriority(Number(thread), LOW);
    try {
      writeFileSync(`/proc/${each}/autogroup`, String(LOW));
    } catch {
      // A kernel without such groups.
    }
  }
}

function childrenOf(pid: number): readonly number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
}
