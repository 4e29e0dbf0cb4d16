import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sqliteAccelerator } from '@millrace/accelerator-sqlite';
import { testAccelerator } from '@millrace/conformance';
import * as vitest from 'vitest';
import { runtimeEngine } from '../src/index.ts';
import { capabilitiesOf } from './accelerator-capabilities.ts';

testAccelerator({
  runner: vitest,
  name: 'sqlite',
  capabilities: await capabilitiesOf('sqlite'),
  async open() {
    const dataDirectory = await mkdtemp(join(tmpdir(), 'millrace-accelerated-'));
    return {
      plugin: sqliteAccelerator,
      dataDirectory,
      close: () => rm(dataDirectory, { recursive: true, force: true }),
    };
  },
  engine: runtimeEngine,
  // Each of hundreds of databases has a thread of its own: short runs leave mode memory, and queries with it, to full ones.
  ...(process.env.MILLRACE_TEST_FULL !== '1' && { modes: ['file'] }),
});
