import type { AcceleratedTable, CreateTableCommand, DataAccelerator } from '@millrace/core';
import {
  type AcceleratorMutant,
  acceleratedMutant,
  acceleratorMutant,
  commandMutant,
  override,
  pluginMutant,
} from './mutate-accelerator.ts';

/** Fails without a code where a name is in the way. */
function nameMutant(name: string, found: string, isOdd: (command: CreateTableCommand) => boolean): AcceleratorMutant {
  return commandMutant(name, [found], (command) => {
    if (isOdd(command)) throw new TypeError('syntax error in the statement');
    return command;
  });
}

/** Accelerators whose tables begin, end or are named in wrong ways. */
export const TABLE_MUTANTS: readonly AcceleratorMutant[] = [
  pluginMutant('describes a parameter with nothing', ['table/factory-describes-itself'], (plugin) => ({
    ...plugin,
    parameters: plugin.parameters.map((spec) => ({ ...spec, description: '' })),
  })),
  pluginMutant('lists a refresh that its manifest does not', ['table/factory-describes-itself'], (plugin) => ({
    ...plugin,
    refreshModes: ['full'],
  })),
  acceleratedMutant('has a checkpoint before it was loaded', ['table/new-tables-are-empty'], (table, { command }) => ({
    get checkpoint() {
      const { schema, definitionHash } = command;
      const fresh = { schema, definitionHash, refreshedAtMs: 0, rowCount: 0n, bootstrapComplete: false };
      return table.checkpoint ?? fresh;
    },
  })),
  acceleratorMutant('creates the table anew each time', ['table/opening-is-idempotent'], (_, again) => ({
    async createExternalTable(command, source, partitionBy, context) {
      return (await again()).createExternalTable(command, source, partitionBy, context);
    },
  })),
  acceleratorMutant('names a file for a table in memory', ['table/layout-is-told'], () => ({
    filePath: () => '/somewhere.model',
  })),
  {
    ...commandMutant('takes any mode', ['table/unlisted-modes-are-refused'], (command) => ({
      ...command,
      mode: 'memory',
    })),
    modes: ['memory'],
  },
  nameMutant('fails without a code for no columns', 'table/tables-without-columns', ({ schema }) => {
    return schema.fields.length === 0;
  }),
  acceleratorMutant('works on after shutdown', ['table/shutdown-is-final'], () => ({
    async shutdown() {},
    async [Symbol.asyncDispose]() {},
  })),
  endingScansAtShutdown(),
  closingAll(),
  nameMutant('does not quote table names', 'table/catalog-odd-table-names', ({ name }) => name.table.includes('"')),
  nameMutant('does not quote column names', 'table/catalog-odd-column-names', ({ schema }) =>
    schema.fields.some(({ name }) => name.includes('"')),
  ),
  nameMutant('does not quote reserved words', 'table/catalog-reserved-words', ({ name }) => name.table === 'select'),
  foldingNames(),
  acceleratedMutant('forgets a promise', ['queries/no-unhandled-rejections'], (table) => ({
    beginRefresh(request, context) {
      void Promise.reject(new Error('nobody listens'));
      return table.beginRefresh(request, context);
    },
  })),
];

function endingScansAtShutdown(): AcceleratorMutant {
  return acceleratorMutant('ends scans as if all were read', ['table/shutdown-during-scan'], (accelerator) => {
    let isClosed = false;
    return {
      async createExternalTable(command, source, partitionBy, context) {
        const table = await accelerator.createExternalTable(command, source, partitionBy, context);
        return override(table, {
          async scan(request, scanning) {
            const plan = await table.scan(request, scanning);
            return {
              ...plan,
              async *execute(partition, inner) {
                for await (const batch of plan.execute(partition, inner)) {
                  if (isClosed) return;
                  yield batch;
                }
              },
            };
          },
        });
      },
      async shutdown() {
        isClosed = true;
        await accelerator.shutdown();
      },
    };
  });
}

function closingAll(): AcceleratorMutant {
  const all: DataAccelerator[] = [];
  return acceleratorMutant('shuts all down with one', ['table/instances-are-independent'], (accelerator) => {
    all.push(accelerator);
    return {
      async shutdown() {
        for (const each of all) await each.shutdown();
      },
    };
  });
}

function foldingNames(): AcceleratorMutant {
  const tables = new Map<string, AcceleratedTable>();
  const found = ['table/catalog-names-that-differ-by-case'];
  return acceleratorMutant('ignores the case of names', found, (accelerator) => ({
    async createExternalTable(command, source, partitionBy, context) {
      const name = command.name.table.toLowerCase();
      const known = tables.get(name) ?? (await accelerator.createExternalTable(command, source, partitionBy, context));
      tables.set(name, known);
      return known;
    },
  }));
}
