import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));

/** The command line that runs the command from its sources. */
export function commandLine(args: readonly string[]): readonly string[] {
  return [process.execPath, '--conditions=millrace-source', `--import=${import.meta.resolve('tsx')}`, MAIN, ...args];
}

/** A running process and what it has printed so far. */
export interface RunningProcess {
  readonly child: ChildProcessWithoutNullStreams;
  stdout(): string;
  stderr(): string;
  /** Resolves when the text has been printed on stdout behind what was awaited before; rejects after 120 s with what was. */
  waitFor(text: string | RegExp): Promise<void>;
  /** The exit status, or the signal. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
}

/** Starts a process; whoever starts it ends it. */
export function startProcess(
  [program, ...args]: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): RunningProcess {
  const child = spawn(program!, args, { env: { ...process.env, ...environment } });
  let [stdout, stderr, seen] = ['', '', 0];
  const listeners = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    for (const listener of listeners) listener();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  // Writing to a process that has ended is not what a test is about.
  child.stdin.on('error', () => {});
  const find = (text: string | RegExp): boolean => {
    const rest = stdout.slice(seen);
    const match = typeof text === 'string' ? { index: rest.indexOf(text), length: text.length } : toMatch(rest, text);
    if (match.index === -1) return false;
    seen += match.index + match.length;
    return true;
  };
  return {
    child,
    stdout: () => stdout,
    stderr: () => stderr,
    waitFor: (text) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          listeners.delete(check);
          reject(new Error(`${text} was not printed; what was: ${JSON.stringify(stdout.slice(seen))}`));
        }, 120_000);
        const check = () => {
          if (!find(text)) return;
          clearTimeout(timer);
          listeners.delete(check);
          resolve();
        };
        listeners.add(check);
        check();
      }),
    ended: new Promise((resolve) => child.on('close', (status, signal) => resolve(status ?? signal))),
  };
}

function toMatch(text: string, pattern: RegExp): { readonly index: number; readonly length: number } {
  const match = pattern.exec(text);
  return match ? { index: match.index, length: match[0].length } : { index: -1, length: 0 };
}
