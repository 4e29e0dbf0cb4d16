import { PassThrough, Readable } from 'node:stream';
import type { CommandLineIo, Interruption, OutputStream } from '../src/command-line-io.ts';
import { runCommandLine } from '../src/run-command-line.ts';

/** How a captured run differs from one in a pipe. */
export interface CaptureOptions {
  readonly stdin?: string;
  /** Makes all streams a terminal of this width. */
  readonly terminalWidth?: number;
  /** Called with the function that interrupts the command. */
  readonly onStart?: (interrupt: (signal: Interruption) => void) => void;
}

/** What a command printed and how it ended. */
export interface CapturedRun {
  readonly status: number;
  readonly stdout: string;
  readonly stdoutBytes: Uint8Array;
  readonly stderr: string;
}

/** Runs the command in this process and keeps what it prints. */
export async function runCaptured(args: readonly string[], options: CaptureOptions = {}): Promise<CapturedRun> {
  const [stdout, stderr] = [capture(options), capture(options)];
  const stdin = Readable.from(options.stdin === undefined ? [] : [options.stdin]);
  const listeners = new Set<(signal: Interruption) => void>();
  const io: CommandLineIo = {
    stdin: Object.assign(stdin, options.terminalWidth === undefined ? {} : { isTTY: true }),
    stdout: stdout.stream,
    stderr: stderr.stream,
    environment: {},
    onInterruption(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const running = runCommandLine(args, io);
  options.onStart?.((signal) => {
    for (const listener of listeners) listener(signal);
  });
  const status = await running;
  return { status, stdout: stdout.text(), stdoutBytes: stdout.bytes(), stderr: stderr.text() };
}

function capture({ terminalWidth }: CaptureOptions) {
  const chunks: Buffer[] = [];
  const stream: OutputStream = Object.assign(
    new PassThrough().on('data', (chunk: Buffer) => chunks.push(chunk)),
    terminalWidth === undefined ? {} : { isTTY: true, columns: terminalWidth },
  );
  return { stream, bytes: () => Buffer.concat(chunks), text: () => Buffer.concat(chunks).toString('utf8') };
}
