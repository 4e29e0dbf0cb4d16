import {
  type AcceleratorContext,
  type AcceleratorPlugin,
  type CreateTableCommand,
  type DataAccelerator,
  datasetComponent,
  defineAccelerator,
  type MemoryBudget,
  MillraceError,
  type Parameters,
} from '@millrace/core';
import { ArrowTable, type ArrowTableOptions } from './arrow-table.ts';
import { arrowParameters } from './parameters.ts';

/** The accelerator that keeps a dataset as Arrow record batches in this process: `engine: arrow`. */
export const arrowAccelerator: AcceleratorPlugin = defineAccelerator({
  id: 'arrow',
  prefix: 'arrow',
  parameters: arrowParameters,
  modes: ['memory'],
  refreshModes: ['full', 'append', 'changes'],
  canRedefine: true,
  canPartition: true,
  validFileExtensions: [],
  create: createAccelerator,
});

function createAccelerator(parameters: Parameters, { memory }: AcceleratorContext): DataAccelerator {
  let table: Promise<ArrowTable> | undefined;
  let isInitialized = false;
  const shutdown = async (): Promise<void> => {
    isInitialized = false;
    const opened = await table?.catch(() => undefined);
    await opened?.close();
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
      table ??= openTable(
        command,
        {
          maxBytes: parameters.number('memory_limit'),
          sortColumns: columnList(parameters.string('on_refresh_sort_columns')),
        },
        memory,
      ).catch((error: unknown) => {
        table = undefined;
        throw error;
      });
      return table;
    },
    shutdown,
    [Symbol.asyncDispose]: shutdown,
  };
}

/** The columns of a list `a, "b c"`. */
function columnList(list: string | undefined): readonly string[] {
  const columns = list?.match(/"(?:[^"]|"")+"|[^\s",](?:[^",]*[^\s",])?/g) ?? [];
  return columns.map((column) => (column.startsWith('"') ? column.slice(1, -1).replaceAll('""', '"') : column));
}

async function openTable(
  command: CreateTableCommand,
  options: ArrowTableOptions,
  memory: MemoryBudget | undefined,
): Promise<ArrowTable> {
  const { maxBytes } = options;
  const request = { component: datasetComponent(command), bytes: maxBytes ?? 0 };
  const setting = maxBytes === undefined ? {} : { setting: 'arrow_memory_limit' };
  const hold = await memory?.hold({ ...request, ...setting });
  try {
    return new ArrowTable(command, { ...options, hold });
  } catch (error) {
    await hold?.release();
    throw error;
  }
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
