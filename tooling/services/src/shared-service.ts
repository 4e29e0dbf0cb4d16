import { closeSync, existsSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createRunDirectory, runDirectory } from './run-directory.ts';

/** What test processes need to know of a server that one of them started: plain JSON. */
export interface ServiceDescription {
  /** The process to stop at the end of the run. */
  readonly pid: number;
  readonly stopSignal: NodeJS.Signals;
}

/** A server that all test files of a run share. */
export interface SharedServiceRequest<T extends ServiceDescription> {
  /** Unique per kind and version: `postgres-18`. */
  readonly name: string;
  /** Starts the server with its files below `directory`; called in one process of the run only. */
  readonly start: (directory: string) => Promise<T>;
}

const START_TIMEOUT_MS = 240_000;
let ownDirectory: string | undefined;

/**
 * Describes a shared server, and starts it when this is the run's first use. The lock is a file that only one process can create; the
 * others wait for the description. Outside of a test run the server belongs to this process and is stopped when it exits.
 *
 * @throws Error when the server cannot be started, with the same reason in each process.
 */
export async function sharedService<T extends ServiceDescription>(request: SharedServiceRequest<T>): Promise<T> {
  const directory = runDirectory() ?? ownRunDirectory();
  const description = path.join(directory, `${request.name}.service.json`);
  const failure = path.join(directory, `${request.name}.failure.txt`);
  if (!existsSync(description) && !existsSync(failure) && takeLock(path.join(directory, `${request.name}.lock`))) {
    try {
      publish(description, JSON.stringify(await request.start(path.join(directory, request.name))));
    } catch (error) {
      publish(failure, error instanceof Error ? `${error.message}` : String(error));
    }
  }
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    if (existsSync(description)) return JSON.parse(readFileSync(description, 'utf8')) as T;
    if (existsSync(failure)) throw new Error(`${request.name} cannot be started: ${readFileSync(failure, 'utf8')}`);
    if (Date.now() > deadline) throw new Error(`${request.name} was not started within ${START_TIMEOUT_MS} ms`);
    await delay(25);
  }
}

function takeLock(file: string): boolean {
  try {
    closeSync(openSync(file, 'wx'));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function publish(file: string, text: string): void {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}

function ownRunDirectory(): string {
  ownDirectory ??= createRunDirectory();
  return ownDirectory;
}
