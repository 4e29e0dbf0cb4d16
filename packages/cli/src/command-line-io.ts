import type { Readable, Writable } from 'node:stream';

/** A stream to write to, which may be a terminal. */
export interface OutputStream extends Writable {
  readonly isTTY?: boolean;
  /** Width of the terminal in columns. */
  readonly columns?: number;
}

/** A stream to read from, which may be a terminal. */
export interface InputStream extends Readable {
  readonly isTTY?: boolean;
}

/** What asks the command to end. */
export type Interruption = 'SIGINT' | 'SIGTERM';

/** Everything the command touches of its process. Results go to `stdout`, all else to `stderr`. */
export interface CommandLineIo {
  readonly stdin: InputStream;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Calls the listener at every interruption until the returned function is called. */
  onInterruption(listener: (signal: Interruption) => void): () => void;
}

/** The streams and signals of this process. */
export function processIo(): CommandLineIo {
  return {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    environment: process.env,
    onInterruption(listener) {
      const signals: readonly Interruption[] = ['SIGINT', 'SIGTERM'];
      for (const signal of signals) process.on(signal, listener);
      return () => {
        for (const signal of signals) process.off(signal, listener);
      };
    },
  };
}
