import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A process that writes to a database. */
export interface WriterProcess extends AsyncDisposable {
  readonly process: ChildProcess;
}

/** Starts a process that inserts pairs of rows, or holds the file locked, until it is disposed. */
export async function startWriter(file: string, mode: 'insert' | 'lock'): Promise<WriterProcess> {
  const script = fileURLToPath(new URL('./writer-process.mjs', import.meta.url));
  const process = spawn(globalThis.process.execPath, [script, file, mode], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(process, 'exit');
  await Promise.race([
    once(process.stdout!, 'data'),
    ended.then(() => {
      throw new Error('the writer ended early');
    }),
  ]);
  return {
    process,
    async [Symbol.asyncDispose]() {
      process.kill('SIGKILL');
      await ended;
    },
  };
}
