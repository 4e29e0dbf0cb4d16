import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { createRuntime, formatExplanation, type Row } from '@millrace/runtime';
import { Table } from 'console-table-printer';
import { generateFiles, LINE_COUNT } from './generate-files.ts';

const HERE = fileURLToPath(new URL('..', import.meta.url));
const DATA = `${HERE}.millrace-demo`;
const REPEATS = 5;
const MAX_LINE_WIDTH = 110;

const QUESTION = `SELECT c.country, count(DISTINCT o.id) AS orders, sum(l.quantity * l.unit_price) AS revenue
FROM lines l JOIN orders o ON l.order_id = o.id JOIN customers c ON o.customer_id = c.id
WHERE c.segment = 'retail' AND o.placed >= DATE '2023-10-01' AND o.placed < DATE '2024-04-01'
GROUP BY c.country ORDER BY revenue DESC LIMIT 5`;

const SCAN_QUESTION = "SELECT id FROM orders WHERE placed >= DATE '2024-12-24' ORDER BY id LIMIT 3";

await main();

async function main(): Promise<void> {
  const started = performance.now();
  const wrote = await generateFiles(DATA);
  const made = wrote ? `made in ${since(started)}` : 'kept from an earlier run';
  print(`${LINE_COUNT.toLocaleString('en-US')} order lines in CSV and Parquet, ${made}: ${relative('.', DATA)}`);

  heading('The question');
  print(QUESTION);

  const federated = await ask('millrace.yaml', 'Federated: read from the files at every query');
  const accelerated = await ask('millrace.accelerated.yaml', 'Accelerated: one more line for each dataset');

  heading('What came out');
  if (!isDeepStrictEqual(federated.rows, accelerated.rows)) throw new Error('the two answers differ');
  print(`Equal answers; ${(federated.medianMs / accelerated.medianMs).toFixed(0)} times faster from the local copies.`);

  heading('What to try next');
  const command = `node ${relative('.', fileURLToPath(new URL('../../../packages/cli/dist/main.js', import.meta.url)))}`;
  const config = `--config ${relative('.', `${HERE}millrace.yaml`)}`;
  print(`${command} sql ${config} "SELECT * FROM lines LIMIT 5"`);
  print(`${command} sql ${config}    # a prompt; .help says what it knows`);
  print(`${command} plugins ${config}    # what was discovered, and where`);
  print(`${relative('.', `${HERE}src/main.ts`)} is the code of this demo.`);
}

interface Answer {
  readonly rows: readonly Row[];
  readonly medianMs: number;
}

/** Opens a runtime as an application would: a configuration, and plugins that are found among the dependencies. */
async function ask(configFile: string, title: string): Promise<Answer> {
  heading(`${title} (${configFile})`);
  const started = performance.now();
  await using runtime = await createRuntime({ configPath: `${HERE}${configFile}` });
  await runtime.ready();
  print(`ready after ${since(started)}`);

  const times: number[] = [];
  let rows: readonly Row[] = [];
  for (let repeat = 0; repeat < REPEATS; repeat += 1) {
    const asked = performance.now();
    rows = await (await runtime.sql(QUESTION)).toRows();
    times.push(performance.now() - asked);
  }
  const medianMs = times.sort((left, right) => left - right)[Math.floor(REPEATS / 2)]!;
  const table = new Table({ shouldDisableColors: !process.stdout.isTTY });
  for (const row of rows) table.addRow(row);
  print(table.render());
  print(`answered in ${medianMs.toFixed(1)} ms (median of ${REPEATS})`);

  print('\nexplain:');
  printExplanation(formatExplanation(await runtime.explain(QUESTION)));
  if (configFile === 'millrace.yaml') {
    print(`\nThrough a connector's scan, as from a remote source:\n  ${SCAN_QUESTION}`);
    printExplanation(formatExplanation(await runtime.explain(SCAN_QUESTION, { native: 'off' })));
  }
  return { rows, medianMs };
}

function printExplanation(text: string): void {
  const lines = text.replaceAll(`${DATA}/`, '').split('\n');
  for (const line of lines.filter((each) => each !== ''))
    print(`  ${line.length > MAX_LINE_WIDTH ? `${line.slice(0, MAX_LINE_WIDTH - 1)}…` : line}`);
}

function heading(text: string): void {
  print(`\n== ${text}`);
}

function since(started: number): string {
  return `${((performance.now() - started) / 1_000).toFixed(2)} s`;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
