import { isMillraceError, type MillraceError } from '@millrace/core';
import type { OutputStream } from '../command-line-io.ts';
import { separateErrors } from './separate-errors.ts';

/** How much is said about an error. `debug` adds the stack. */
export type ErrorDetail = 'plain' | 'debug';

/**
 * Prints an error: what failed and why, then what to do, then the code. An error that stands for several prints each of them.
 */
export function printError(output: OutputStream, error: unknown, detail: ErrorDetail): void {
  const singles = isMillraceError(error) ? separateErrors(error) : [error];
  for (const single of singles) output.write(`${describe(single)}\n`);
  if (detail === 'debug' && error instanceof Error) output.write(`${stackOf(error)}\n`);
}

function describe(error: unknown): string {
  if (!isMillraceError(error)) return `error: ${error instanceof Error ? error.message : String(error)}`;
  const hint = error.hint === undefined ? '' : `\n  hint: ${indent(error.hint)}`;
  return `error: ${indent(subject(error))}${hint}\n  code: ${error.code}`;
}

function subject({ location, component, connector, reason }: MillraceError): string {
  const place = location === undefined ? '' : `${location.file}:${location.line}:${location.column}: `;
  return `${place}${connector === undefined ? component : `${component} (${connector})`}: ${reason}`;
}

function indent(text: string): string {
  return text.replaceAll('\n', '\n    ');
}

function stackOf(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by: ${stackOf(error.cause)}` : '';
  return `${error.stack ?? error.message}${cause}`;
}
