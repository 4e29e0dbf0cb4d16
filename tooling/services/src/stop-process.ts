import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** Whether a process with this id runs; one that ended and that nobody has waited for (a zombie) does not. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return !isZombie(pid);
}

function isZombie(pid: number): boolean {
  try {
    // The state follows the command's name, which stands in parentheses and may hold some itself.
    return /\) Z [^)]*$/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** How to ask a process to go: the first signal, and how long it may take before SIGKILL. */
export interface StopRequest {
  readonly signal: NodeJS.Signals;
  readonly graceMs: number;
}

/** Stops one process by its id and waits until it is gone. A process that is gone already is no error. */
export async function stopProcess(pid: number, { signal, graceMs }: StopRequest): Promise<void> {
  send(pid, signal);
  const deadline = Date.now() + graceMs;
  while (isRunning(pid)) {
    if (Date.now() > deadline) send(pid, 'SIGKILL');
    await delay(10);
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
