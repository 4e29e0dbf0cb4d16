import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TypeId } from '@millrace/core';
import { testAccelerator } from '../../src/index.ts';
import * as vitest from './collecting-runner.ts';
import { keptAccelerator } from './kept-accelerator.ts';

const manifest = JSON.parse(readFileSync(new URL('./kept-package.json', import.meta.url), 'utf8'));

testAccelerator({
  runner: vitest,
  name: 'kept',
  // Modes and ways of refreshing: one run for each mode.
  capabilities: manifest.millrace.accelerators[0].capabilities,
  async open(mode) {
    const dataDirectory = await mkdtemp(join(tmpdir(), `kept-${mode}-`));
    return {
      plugin: keptAccelerator,
      dataDirectory,
      parameters: { file: { kept_compression: 'none' } },
      // The type mapping of your documentation; undefined for what is not stored.
      present: (field) => (field.type.typeId === TypeId.Map ? undefined : field),
      // Leave it out where memory has no limit.
      memoryLimit: (bytes) => ({ kept_memory_limit: String(bytes) }),
      close: () => rm(dataDirectory, { recursive: true, force: true }),
    };
  },
});
