import { parseArgs } from 'node:util';

/** What the command was asked to do. */
export interface BenchCommand {
  /** Names of benchmarks or of rows; empty means all. */
  readonly names: readonly string[];
  readonly jsonFile?: string;
  /** Measures with this many rows instead of the stated size. */
  readonly rowCount?: number;
  readonly action: 'run' | 'list' | 'help';
}

export const HELP = `Usage: pnpm bench [name …] [--json FILE] [--rows N] [--list]

  name          a benchmark, or one row of it, as --list shows them; default all
  --json FILE   writes a list of {name, ours, peer, unit, ratio, bar, holds, rows}
  --rows N      measures with N rows, to try things out: below the stated size no bar holds
  --list        shows the benchmarks

Exit code 1 when a bar does not hold, 2 for wrong usage.`;

/** Reads the arguments. @throws TypeError with a message for the user. */
export function parseCommandLine(args: readonly string[]): BenchCommand {
  const { values, positionals } = parseArgs({
    args: args.filter((argument) => argument !== '--'),
    allowPositionals: true,
    options: {
      json: { type: 'string' },
      rows: { type: 'string' },
      list: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  return {
    names: positionals,
    action: values.help === true ? 'help' : values.list === true ? 'list' : 'run',
    ...(values.json === undefined ? {} : { jsonFile: values.json }),
    ...(values.rows === undefined ? {} : { rowCount: readRowCount(values.rows) }),
  };
}

function readRowCount(text: string): number {
  const rowCount = Number(text.replaceAll(/[_,]/g, ''));
  if (!Number.isSafeInteger(rowCount) || rowCount < 1) throw new TypeError('--rows takes a whole number above 0');
  return rowCount;
}
