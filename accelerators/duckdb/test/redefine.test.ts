import { testRedefinition } from '@millrace/test-fixtures';
import * as vitest from 'vitest';
import { accelerate } from './accelerate.ts';

testRedefinition({
  runner: vitest,
  id: 'duckdb',
  open: (folder, command) => accelerate({ folder, schema: command.schema, mode: command.mode, command }),
});
