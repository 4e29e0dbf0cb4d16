import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { arrowAccelerator } from '@millrace/accelerator-arrow';
import { testAccelerator } from '@millrace/conformance';
import * as vitest from 'vitest';
import { runtimeEngine } from '../src/index.ts';
import { capabilitiesOf } from './accelerator-capabilities.ts';

testAccelerator({
  runner: vitest,
  name: 'arrow',
  capabilities: await capabilitiesOf('arrow'),
  async open() {
    const dataDirectory = await mkdtemp(join(tmpdir(), 'millrace-arrow-'));
    return {
      plugin: arrowAccelerator,
      dataDirectory,
      memoryLimit: (bytes) => ({ arrow_memory_limit: String(bytes) }),
      close: () => rm(dataDirectory, { recursive: true, force: true }),
    };
  },
  // Its scans push nothing that SQL could tell from a table in memory, so that short runs leave SQL to the other engines.
  ...(process.env.MILLRACE_TEST_FULL === '1' && { engine: runtimeEngine }),
});
