import { spawn } from 'node:child_process';

/** A command to run to its end. */
export interface CommandRequest {
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Default 300,000. */
  readonly timeoutMs?: number;
}

/** What a command left. */
export interface CommandOutcome {
  /** 0 to 255; undefined when it was ended by a signal. */
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command without a terminal; ends it, and rejects, when it takes too long. */
export function runCommand(request: CommandRequest): Promise<CommandOutcome> {
  const { cwd, env, timeoutMs = 300_000 } = request;
  const [program, ...args] = request.command;
  return new Promise((resolve, reject) => {
    // A group of its own, so that what npx or yarn started ends with it.
    const child = spawn(program!, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const timer = setTimeout(() => {
      process.kill(-child.pid!, 'SIGKILL');
      reject(new Error(`${request.command.join(' ')} took longer than ${timeoutMs} ms\n${stdout}\n${stderr}`));
    }, timeoutMs);
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve({ exitCode: code ?? undefined, stdout, stderr });
    });
  });
}

/** As {@link runCommand}, and rejects with the output when the command fails. Resolves to standard output. */
export async function runSuccessfully(request: CommandRequest): Promise<string> {
  const { exitCode, stdout, stderr } = await runCommand(request);
  if (exitCode === 0) return stdout;
  throw new Error(`${request.command.join(' ')} ended with ${exitCode}\n${stdout}\n${stderr}`);
}
