import type { Logger } from '@millrace/core';
import type { OutputStream } from '../command-line-io.ts';

/** Writes warnings and errors to the stream, one line each; with `debug` also the rest. */
export function createStreamLogger(output: OutputStream, level: 'warn' | 'debug'): Logger {
  const at =
    (label: string): Logger['info'] =>
    (message, fields = {}) => {
      const details = Object.entries(fields).map(([key, value]) => ` ${key}=${String(value)}`);
      output.write(`${label}: ${message}${details.join('')}\n`);
    };
  const quiet = () => {};
  return {
    debug: level === 'debug' ? at('debug') : quiet,
    info: level === 'debug' ? at('info') : quiet,
    warn: at('warning'),
    error: at('error'),
  };
}
