import { nearestName } from '@millrace/core';
import { RESULT_FORMATS, type ResultFormat } from '../output/write-result.ts';
import { UsageError } from '../usage-error.ts';

/** What a line that begins with a point asks for. */
export type DotCommand =
  | { readonly kind: 'tables' }
  | { readonly kind: 'datasets' }
  | { readonly kind: 'schema'; readonly table: string | undefined }
  | { readonly kind: 'timer'; readonly value: 'on' | 'off' }
  | { readonly kind: 'format'; readonly value: ResultFormat }
  | { readonly kind: 'explain'; readonly sql: string }
  | { readonly kind: 'refresh'; readonly dataset: string }
  | { readonly kind: 'reload' }
  | { readonly kind: 'help' }
  | { readonly kind: 'quit' };

/** What `.help` shows. */
export const DOT_HELP: string = `.tables            datasets and views
.datasets          datasets and catalogs with their state
.schema [table]    columns of one table, or of all
.explain <query>   how a query would be answered
.refresh <name>    refresh the local copy of a dataset, or the list of a catalog's tables
.reload            read the configuration file again and apply what has changed
.format <format>   ${RESULT_FORMATS.join(', ')}
.timer on|off      show how long a query took
.help              this list
.quit              leave (also Ctrl-D)
A statement ends with ; and may take several lines. Ctrl-C cancels the running query.
`;

/** All names, for completion. */
export const DOT_NAMES: readonly string[] = DOT_HELP.split('\n').flatMap((line) => /^\.\w+/.exec(line)?.[0] ?? []);

/** Reads a line that begins with a point. @throws UsageError for an unknown command or a wrong argument. */
export function parseDotCommand(line: string): DotCommand {
  const [, name = '', rest = ''] = /^\.(\S*)\s*([\s\S]*)$/.exec(line.trim()) ?? [];
  const argument = rest.replace(/\s*;\s*$/, '');
  switch (name) {
    case 'tables':
    case 'datasets':
    case 'reload':
    case 'help':
    case 'quit':
      return { kind: name };
    case 'exit':
      return { kind: 'quit' };
    case 'schema':
      return { kind: 'schema', table: argument === '' ? undefined : argument };
    case 'explain':
      return { kind: 'explain', sql: required(argument, '.explain <query>') };
    case 'refresh':
      return { kind: 'refresh', dataset: required(argument, '.refresh <dataset>') };
    case 'timer':
      return { kind: 'timer', value: oneOf(argument, ['on', 'off'], '.timer on|off') };
    case 'format':
      return { kind: 'format', value: oneOf(argument, RESULT_FORMATS, `.format ${RESULT_FORMATS.join('|')}`) };
    default: {
      const nearest = nearestName(`.${name}`, DOT_NAMES);
      throw new UsageError(`there is no command .${name}; ${nearest ? `did you mean ${nearest}?` : 'see .help'}`);
    }
  }
}

function required(argument: string, usage: string): string {
  if (argument === '') throw new UsageError(`usage: ${usage}`);
  return argument;
}

function oneOf<Choice extends string>(argument: string, choices: readonly Choice[], usage: string): Choice {
  const found = choices.find((choice) => choice === argument);
  if (found === undefined) throw new UsageError(`usage: ${usage}`);
  return found;
}
