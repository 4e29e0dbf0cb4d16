import { schemasEqual } from '@millrace/arrow';
import {
  type ConnectorPlugin,
  type DataConnector,
  defineConnector,
  MillraceError,
  type Parameters,
  type Schema,
  type TableProvider,
} from '@millrace/core';
import { createMemoryCatalog } from './catalog.ts';
import { memoryDatabase } from './database.ts';
import { memoryParameters } from './parameters.ts';

/** The connector of tables in memory: `from: memory:orders`. */
export const memoryConnector: ConnectorPlugin = defineConnector({
  id: 'memory',
  prefix: 'memory',
  parameters: memoryParameters,
  create: () => createConnector(),
});

function createConnector(): DataConnector {
  let isClosed = false;
  const requireOpen = (): void => {
    if (!isClosed) return;
    throw new MillraceError({
      code: 'invalid_state',
      component: 'memory connector',
      connector: 'memory',
      message: 'the connector was closed',
      hint: 'Create another one',
    });
  };
  const find = (dataset: {
    readonly name: string;
    readonly path: string;
    readonly parameters: Parameters;
    readonly schema?: Schema;
  }): TableProvider => {
    requireOpen();
    const table = memoryDatabase(dataset.parameters.string('database')).table(dataset.path);
    if (dataset.schema === undefined || schemasEqual(dataset.schema, table.schema)) return table;
    throw new MillraceError({
      code: 'schema_mismatch',
      component: `dataset ${dataset.name}`,
      connector: 'memory',
      message: 'the declared columns are not those of the table in memory',
      hint: 'Leave the declaration out; a table in memory states its own columns',
    });
  };
  const close = async (): Promise<void> => {
    isClosed = true;
  };
  return {
    readProvider: async (dataset) => find(dataset),
    readWriteProvider: async (dataset) => find(dataset),
    async catalogProvider(source) {
      requireOpen();
      return createMemoryCatalog(memoryDatabase(source.parameters.string('database')));
    },
    async changesStream(dataset, context) {
      const table = find(dataset);
      return table.changes!(context);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
