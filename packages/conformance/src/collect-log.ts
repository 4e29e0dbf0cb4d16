import { inspect } from 'node:util';
import type { Logger } from '@millrace/core';

/** A logger that appends what it is told, fields included, to a list. */
export function collectLog(log: string[]): Logger {
  const write = (message: string, fields?: Readonly<Record<string, unknown>>): void => {
    log.push(fields === undefined ? message : `${message} ${inspect(fields, { depth: 6 })}`);
  };
  return { debug: write, info: write, warn: write, error: write };
}
