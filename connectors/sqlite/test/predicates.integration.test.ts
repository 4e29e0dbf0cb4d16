import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRegistry } from '@millrace/core/registry';
import { createRuntime, type Runtime } from '@millrace/runtime';
import { checkPredicates } from '@millrace/workloads';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sqliteConnector } from '../src/index.ts';
import { writeSampleDatabase } from './sample-database.ts';

const IS_FULL = process.env.MILLRACE_TEST_FULL !== undefined;
const COUNT = IS_FULL ? 2_000 : 200;
/** The same predicates each time in short runs, others in full ones. */
const SEED = Number(process.env.MILLRACE_TEST_SEED ?? (IS_FULL ? Date.now() % 2 ** 31 : 7));
const ENCODINGS = ['UTF-8', 'UTF-16le'] as const;

let runtime: Runtime;
const folder = mkdtempSync(join(tmpdir(), 'millrace-sqlite-predicates-'));
beforeAll(async () => {
  for (const encoding of ENCODINGS) writeSampleDatabase(join(folder, encoding), encoding);
  runtime = await createRuntime({
    config: {
      datasets: ENCODINGS.map((encoding) => ({
        from: 'sqlite:people',
        name: nameOf(encoding),
        params: { sqlite_file: join(folder, encoding) },
      })),
    },
    registry: createRegistry({ connectors: [sqliteConnector], accelerators: [] }),
  });
});
afterAll(async () => {
  await runtime.close();
  rmSync(folder, { recursive: true, force: true });
});

function nameOf(encoding: string): string {
  return encoding.replaceAll('-', '').toLowerCase();
}

test.each(ENCODINGS)(
  'random predicates give the rows of a scan without pushdown, also NOCASE and RTRIM, texts kept as %s',
  async (encoding) => {
    const count = encoding === 'UTF-8' ? COUNT : COUNT / 4;
    const report = await checkPredicates({ runtime, dataset: nameOf(encoding), seed: SEED, count });
    console.info(`sqlite ${encoding}: ${JSON.stringify(report)}`);
    expect(report.pushedCount / count).toBeGreaterThan(encoding === 'UTF-8' ? 0.6 : 0.4);
    expect(report.selectiveCount / count).toBeGreaterThan(0.8);
  },
  600_000,
);
