import { writeFile } from 'node:fs/promises';
import { availableParallelism, totalmem } from 'node:os';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { formatBar } from './bar.ts';
import type { Benchmark } from './benchmark.ts';
import { BENCHMARKS } from './catalog.ts';
import { HELP, parseCommandLine } from './command-line.ts';
import { type Measured, measure } from './measure.ts';
import { formatReport, toReportEntries } from './report.ts';

interface Selected {
  readonly benchmark: Benchmark;
  readonly onlyRow?: string;
}

const DATA_DIRECTORY = fileURLToPath(new URL('../../../.millrace-bench/', import.meta.url));

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  let command: ReturnType<typeof parseCommandLine>;
  let selection: readonly Selected[];
  try {
    command = parseCommandLine(args);
    selection = select(command.names);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    process.stderr.write(`${error.message}\n\n${HELP}\n`);
    return 2;
  }
  if (command.action !== 'run') {
    process.stdout.write(`${command.action === 'help' ? HELP : formatList()}\n`);
    return 0;
  }
  const measured: Measured[] = [];
  const failures: string[] = [];
  for (const { benchmark, onlyRow } of selection) {
    const context = { dataDirectory: DATA_DIRECTORY, rowCount: command.rowCount ?? benchmark.statedRowCount };
    try {
      const onStep = (step: string) => showStep(`${benchmark.name}: ${step}`);
      measured.push(...(await measure({ benchmark, context, onStep, ...(onlyRow === undefined ? {} : { onlyRow }) })));
    } catch (error) {
      failures.push(
        `${benchmark.name} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      );
    }
  }
  showStep('');
  const memoryGb = Math.round(totalmem() / 2 ** 30);
  process.stdout.write(`Node ${process.versions.node}, ${availableParallelism()} cores, ${memoryGb} GB\n`);
  if (measured.length > 0) process.stdout.write(`${formatReport(measured)}\n`);
  for (const { row, rowCount, benchmark } of measured) {
    const stated = BENCHMARKS.find(({ name }) => name === benchmark)!.statedRowCount;
    if (rowCount < stated) failures.push(`${row.name} is below its stated size: ${rowCount} rows of ${stated}`);
  }
  for (const failure of failures) process.stderr.write(`${failure}\n`);
  if (command.jsonFile !== undefined) {
    const file = resolve(process.env.INIT_CWD ?? process.cwd(), command.jsonFile);
    await writeFile(file, `${JSON.stringify(toReportEntries(measured), undefined, 2)}\n`);
  }
  return failures.length === 0 && measured.every(({ holds }) => holds) ? 0 : 1;
}

/** @throws TypeError for a name that is neither a benchmark's nor a row's. */
function select(names: readonly string[]): readonly Selected[] {
  if (names.length === 0) return BENCHMARKS.map((benchmark) => ({ benchmark }));
  return names.map((name) => {
    const whole = BENCHMARKS.find((benchmark) => benchmark.name === name);
    if (whole !== undefined) return { benchmark: whole };
    const owner = BENCHMARKS.find(({ rows }) => rows.some((row) => row.name === name));
    if (owner === undefined) throw new TypeError(`there is no benchmark ${name}`);
    return { benchmark: owner, onlyRow: name };
  });
}

function formatList(): string {
  return BENCHMARKS.map(({ name, title, rows, statedRowCount }) =>
    [
      `${name}: ${title}, ${statedRowCount.toLocaleString('en-US')} rows`,
      ...rows.map((row) => `  ${row.name}  ${formatBar(row.bar, row.unit)}`),
    ].join('\n'),
  ).join('\n');
}

/** One line on a terminal that the next one replaces; nothing elsewhere. */
function showStep(step: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[2K${step}`);
}
