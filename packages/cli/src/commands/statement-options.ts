import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { MillraceError } from '@millrace/core';
import type { SqlOptions } from '@millrace/runtime';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { CommandLineIo } from '../command-line-io.ts';
import { UsageError } from '../usage-error.ts';

/** The options of commands that take a statement. */
export interface StatementOptions {
  readonly file?: string;
  readonly param?: ReadonlyMap<string, string>;
  readonly pushdown?: 'on' | 'off';
  readonly native?: 'on' | 'off';
}

/** Adds the options of {@link StatementOptions} to a command. */
export function addStatementOptions(command: Command): Command {
  return command
    .option('-f, --file <path>', 'read the statement from a file')
    .option(
      '-p, --param <name=value>',
      'value of $name (or of $1, as 1=value), as text; repeatable. CAST($name AS INTEGER) makes a number of it',
      collectParameter,
    )
    .addOption(new Option('--pushdown <mode>', 'off: read whole tables from their sources').choices(['on', 'off']))
    .addOption(new Option('--native <mode>', 'off: read through record batches only').choices(['on', 'off']));
}

/** How the runtime is to run the statement. */
export function toSqlOptions({ param, pushdown, native }: StatementOptions): SqlOptions {
  return {
    ...(param === undefined ? {} : { parameters: toParameters(param) }),
    ...(pushdown === undefined ? {} : { pushdown }),
    ...(native === undefined ? {} : { native }),
  };
}

/**
 * The statement that was meant: the argument, the file, or standard input (`-`, or no argument where standard input is no
 * terminal). Undefined when there is none.
 *
 * @throws UsageError for more than one. @throws MillraceError `not_found`, `io` for the file.
 */
export async function readStatement(
  io: CommandLineIo,
  query: string | undefined,
  { file }: StatementOptions,
): Promise<string | undefined> {
  if (query !== undefined && file !== undefined) throw new UsageError('give a query or --file, not both');
  if (file !== undefined) return readStatementFile(file);
  if (query === '-' || (query === undefined && io.stdin.isTTY !== true)) return text(io.stdin);
  return query;
}

async function readStatementFile(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).replace(/^\uFEFF/, '');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const isAbsent = code === 'ENOENT' || code === 'ENOTDIR';
    throw new MillraceError({
      code: isAbsent ? 'not_found' : 'io',
      component: 'statement',
      message: isAbsent ? `the file ${file} does not exist` : `reading the file ${file} failed with ${code}`,
      hint: 'Check the path given to --file',
      cause,
    });
  }
}

function collectParameter(given: string, previous: ReadonlyMap<string, string> = new Map()): Map<string, string> {
  const equals = given.indexOf('=');
  const name = given.slice(0, Math.max(equals, 0)).replace(/^\$/, '');
  if (name === '') throw new InvalidArgumentError('Write it as name=value.');
  if (previous.has(name)) throw new InvalidArgumentError(`The parameter ${name} is given twice.`);
  return new Map([...previous, [name, given.slice(equals + 1)]]);
}

function toParameters(given: ReadonlyMap<string, string>): readonly string[] | Readonly<Record<string, string>> {
  const positions = Array.from(given.keys(), Number);
  if (!positions.every((position) => Number.isInteger(position) && position >= 1)) return Object.fromEntries(given);
  return positions.map((_, index) => {
    const value = given.get(String(index + 1));
    if (value === undefined) throw new UsageError(`the parameter $${index + 1} is missing: number them from 1`);
    return value;
  });
}
