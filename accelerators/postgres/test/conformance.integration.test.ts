import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testAccelerator } from '@millrace/conformance';
import { runtimeEngine } from '@millrace/conformance-engine';
import { missingPostgres, serviceTitle, sharedPostgres } from '@millrace/services';
import * as vitest from 'vitest';
import { postgresAccelerator } from '../src/index.ts';
import { reach } from './accelerate.ts';

const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const missing = missingPostgres();

vitest.describe.skipIf(missing !== undefined)(serviceTitle('the conformance suite', missing), () => {
  testAccelerator({
    runner: vitest,
    name: 'postgres',
    capabilities: manifest.millrace.accelerators[0].capabilities,
    async open() {
      const dataDirectory = await mkdtemp(join(tmpdir(), 'millrace-accelerated-'));
      const server = await sharedPostgres();
      const database = await server.createDatabase();
      return {
        plugin: postgresAccelerator,
        dataDirectory,
        parameters: { memory: reach(database), file: reach(database) },
        // A text of the server holds no NUL.
        holds: (_, value) => typeof value !== 'string' || !value.includes('\0'),
        async close() {
          await database.drop();
          await rm(dataDirectory, { recursive: true, force: true });
        },
      };
    },
    // SQL over the scans that are checked here: short runs leave it to the test with the runtime.
    ...(process.env.MILLRACE_TEST_FULL === '1' && { engine: runtimeEngine }),
  });
});
