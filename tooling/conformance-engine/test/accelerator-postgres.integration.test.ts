import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { postgresAccelerator } from '@millrace/accelerator-postgres';
import { testAccelerator } from '@millrace/conformance';
import { missingPostgres, serviceTitle, sharedPostgres } from '@millrace/services';
import * as vitest from 'vitest';
import { runtimeEngine } from '../src/index.ts';
import { capabilitiesOf } from './accelerator-capabilities.ts';

const CAPABILITIES = await capabilitiesOf('postgres');
const missing = missingPostgres();

vitest.describe.skipIf(missing !== undefined)(serviceTitle('the conformance suite', missing), () => {
  testAccelerator({
    runner: vitest,
    name: 'postgres',
    capabilities: CAPABILITIES,
    async open() {
      const dataDirectory = await mkdtemp(join(tmpdir(), 'millrace-accelerated-'));
      const server = await sharedPostgres();
      const database = await server.createDatabase();
      const reach = { pg_connection_string: database.connectionString, pg_sslmode: 'disable' };
      return {
        plugin: postgresAccelerator,
        dataDirectory,
        parameters: { memory: reach, file: reach },
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
