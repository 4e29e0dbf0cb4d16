import { memoryDatabase } from '@millrace/connector-memory';
import { type ConnectorPlugin, type DataConnector, defineConnector, type TableProvider } from '@millrace/core';

/**
 * The tables of the memory connector without their native relation: what they hold reaches an engine through the contract's scan
 * alone, as from a source that is not in this process.
 */
export const scannedConnector: ConnectorPlugin = defineConnector({
  id: 'scanned',
  prefix: 'scanned',
  parameters: [],
  create: (): DataConnector => ({
    readProvider: async (dataset) => withoutNativeRelation(memoryDatabase('bench').table(dataset.path)),
    close: async () => {},
    [Symbol.asyncDispose]: async () => {},
  }),
});

function withoutNativeRelation(table: TableProvider): TableProvider {
  return {
    schema: table.schema,
    tableType: table.tableType,
    ...(table.constraints === undefined ? {} : { constraints: table.constraints }),
    scan: (request, context) => table.scan(request, context),
  };
}
