import { testConnector } from '@millrace/conformance';
import * as vitest from 'vitest';
import { runtimeEngine } from '../src/index.ts';
import { MEMORY_CAPABILITIES, openMemory } from './open-memory.ts';

testConnector({
  runner: vitest,
  name: 'memory',
  capabilities: MEMORY_CAPABILITIES,
  open: () => openMemory(),
  engine: runtimeEngine,
});
