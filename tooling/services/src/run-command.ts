import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { serviceUser } from './service-user.ts';

const execute = promisify(execFile);

/** A command to run to its end as the service user. */
export interface CommandRequest {
  readonly command: string;
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
}

/** Runs a command as the service user; rejects with what it printed when it fails. */
export async function runCommand(request: CommandRequest): Promise<void> {
  await execute(request.command, [...request.args], {
    cwd: request.workingDirectory,
    env: { PATH: process.env.PATH ?? '', ...request.environment },
    ...serviceUser(),
  });
}
