import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const HERE = fileURLToPath(new URL('..', import.meta.url));
const DEFAULT_DATA = join(HERE, '../../../shared/data/real');
const DATA = process.env.MILLRACE_REAL_DATA ?? DEFAULT_DATA;
const COMMAND = join(dirname(createRequire(import.meta.url).resolve('millrace/package.json')), 'dist/main.js');

interface AnswerRow {
  readonly iata: string;
  readonly departures: string;
  readonly strikes: string;
  readonly strikes_per_1000: number;
}

async function run(
  ...args: readonly string[]
): Promise<{ readonly rows: readonly AnswerRow[]; readonly stderr: string }> {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [...args]);
  const lines = stdout.trimEnd().split('\n');
  return { rows: lines.map((line) => JSON.parse(line) as AnswerRow), stderr };
}

describe.skipIf(!existsSync(DATA))(`real questions over ${DATA === DEFAULT_DATA ? 'the real data' : DATA}`, () => {
  let folder: string;
  let config: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-real-questions-'));
    config = join(folder, 'millrace.yaml');
    const text = await readFile(join(HERE, 'millrace.yaml'), 'utf8');
    await writeFile(config, text.replaceAll('../../../shared/data/real', DATA));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('the command and the code give one answer, and it is right', async () => {
    const question = join(HERE, 'question.sql');
    const options = ['--config', config, '--host-root', HERE, '--format', 'ndjson'];
    const fromCommand = await run(COMMAND, 'sql', '--file', question, ...options);
    const fromCode = await run(join(HERE, 'answer.mjs'), config);
    expect(fromCode.rows).toEqual(fromCommand.rows);
    expect(fromCode.rows).toHaveLength(10);
    expect(fromCode.stderr).toContain('Most flights from SMF go to');

    const text = await readFile(join(DATA, 'birdstrikes.csv'), 'utf8');
    const strikes = text.split('\n').filter((line) => line.startsWith('SACRAMENTO INTL,')).length;
    const flights = (await readFile(join(DATA, 'flights-airport.csv'), 'utf8')).split('\n');
    const departures = flights
      .filter((line) => line.startsWith('SMF,'))
      .reduce((sum, line) => sum + Number(line.split(',')[2]), 0);
    expect(fromCommand.rows[0]).toMatchObject({
      iata: 'SMF',
      strikes: String(strikes),
      departures: String(departures),
      strikes_per_1000: Math.round((1e5 * strikes) / departures) / 100,
    });
  }, 300_000);
});
