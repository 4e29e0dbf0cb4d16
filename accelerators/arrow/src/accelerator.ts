import {
  type AcceleratorPlugin,
  type CreateTableCommand,
  type DataAccelerator,
  defineAccelerator,
  MillraceError,
  type Parameters,
} from '@millrace/core';
import { ArrowTable } from './arrow-table.ts';
import { arrowParameters } from './parameters.ts';

/** The accelerator that keeps a dataset as Arrow record batches in this process: `engine: arrow`. */
export const arrowAccelerator: AcceleratorPlugin = defineAccelerator({
  id: 'arrow',
  prefix: 'arrow',
  parameters: arrowParameters,
  modes: ['memory'],
  refreshModes: ['full', 'append', 'changes'],
  canRedefine: true,
  validFileExtensions: [],
  create: createAccelerator,
});

function createAccelerator(parameters: Parameters): DataAccelerator {
  let table: ArrowTable | undefined;
  let isInitialized = false;
  const shutdown = async (): Promise<void> => {
    isInitialized = false;
    await table?.close();
    table = undefined;
  };
  return {
    accelerationLayout: { kind: 'memory' },
    filePath: () => undefined,
    async init(command) {
      requireMemory(command);
      isInitialized = true;
      return { kind: 'empty' };
    },
    isInitialized: () => isInitialized,
    async createExternalTable(command) {
      requireMemory(command);
      isInitialized = true;
      table ??= new ArrowTable(command, { maxBytes: parameters.number('memory_limit') });
      return table;
    },
    shutdown,
    [Symbol.asyncDispose]: shutdown,
  };
}

function requireMemory({ name, mode }: CreateTableCommand): void {
  if (mode === 'memory') return;
  throw new MillraceError({
    code: 'unsupported',
    component: `dataset ${name.table}`,
    connector: 'arrow',
    message: 'rows are kept in memory alone, so there is no mode file',
    hint: 'Use the engine duckdb for a file',
  });
}
