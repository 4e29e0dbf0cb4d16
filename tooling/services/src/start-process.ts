import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { serviceUser } from './service-user.ts';
import { isRunning } from './stop-process.ts';

/** A server process to start. */
export interface ProcessRequest {
  readonly command: string;
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
  /** Receives what the process prints; kept until the run's directory is removed. */
  readonly logFile: string;
  /** The process whose end also ends this one: the test runner, or the caller. */
  readonly ownerPid: number;
  /** How the watchdog asks the process to go once its owner is gone. */
  readonly stopSignal: NodeJS.Signals;
  /** Tries once whether the server answers; rejects while it does not. */
  readonly probe: () => Promise<void>;
  readonly timeoutMs: number;
}

/**
 * Starts a server as the service user and waits until it answers. The process outlives this one (test files come and go), so a
 * watchdog in a shell of its own stops it when the owner is gone, however that ended.
 *
 * @returns the process id.
 */
export async function startProcess(request: ProcessRequest): Promise<number> {
  const log = openSync(request.logFile, 'a');
  const child = spawn(request.command, request.args, {
    cwd: request.workingDirectory,
    env: { PATH: process.env.PATH ?? '', ...request.environment },
    stdio: ['ignore', log, log],
    detached: true,
    ...serviceUser(),
  });
  closeSync(log);
  let failure: Error | undefined;
  child.once('error', (error) => {
    failure = error;
  });
  child.unref();
  const deadline = Date.now() + request.timeoutMs;
  for (;;) {
    if (failure !== undefined) throw failure;
    const pid = child.pid;
    if (pid !== undefined && child.exitCode === null && child.signalCode === null) {
      try {
        await request.probe();
        watch(pid, request);
        return pid;
      } catch (error) {
        if (Date.now() > deadline) {
          if (isRunning(pid)) process.kill(pid, 'SIGKILL');
          throw new Error(`${request.command} does not answer after ${request.timeoutMs} ms`, { cause: error });
        }
      }
    } else if (pid !== undefined) {
      throw new Error(`${request.command} ended at once:\n${readFileSync(request.logFile, 'utf8').slice(-4000)}`);
    }
    await delay(20);
  }
}

function watch(pid: number, { ownerPid, stopSignal }: ProcessRequest): void {
  const script = `while kill -0 ${ownerPid} 2>/dev/null && kill -0 ${pid} 2>/dev/null; do sleep 1; done; kill -0 ${ownerPid} 2>/dev/null || kill -${stopSignal.slice(3)} ${pid} 2>/dev/null`;
  spawn('/bin/sh', ['-c', script], { stdio: 'ignore', detached: true }).unref();
}
